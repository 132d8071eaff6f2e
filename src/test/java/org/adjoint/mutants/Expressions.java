package org.adjoint.mutants;

import java.util.Set;

/** How far the expressions of a preprocessed text reach: told by its brackets, not by a grammar. */
final class Expressions {
  private static final Set<String> RELATIONS = Set.of("<", ">", "<=", ">=");
  private static final Set<String> EQUALITIES = Set.of("==", "!=");
  private static final Set<String> ASSIGNMENTS =
      Set.of("=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=");
  private static final Set<String> ENDS = Set.of(",", ";", "?", ":", "return");

  private final Tokens tokens;

  Expressions(Tokens tokens) {
    this.tokens = tokens;
  }

  boolean isRelation(int i) {
    return RELATIONS.contains(tokens.at(i)) && tokens.isSpaced(i);
  }

  boolean isEquality(int i) {
    return EQUALITIES.contains(tokens.at(i));
  }

  boolean isAssignment(int i) {
    return ASSIGNMENTS.contains(tokens.at(i));
  }

  boolean closes(int i) {
    return tokens.partner(i) >= 0 && tokens.partner(i) < i;
  }

  /** The token before {@code i}, or before the brackets that end there. */
  private int before(int i) {
    return tokens.partner(i - 1) >= 0 ? tokens.partner(i - 1) : i - 1;
  }

  private int after(int i) {
    return tokens.partner(i + 1) >= 0 ? tokens.partner(i + 1) : i + 1;
  }

  /** The next such token outside of brackets, or the bracket that ends the search. */
  int next(int from, String word) {
    int i = from;
    while (i < tokens.size() && !tokens.at(i).equals(word) && !closes(i)) {
      i = tokens.partner(i) > i ? tokens.partner(i) + 1 : i + 1;
    }
    return i;
  }

  /** The first token of what stands left of an operator that compares. */
  int operandStart(int operator) {
    int i = operator;
    while (!isBeyondOperand(i - 1, operator)) {
      i = before(i);
    }
    return i;
  }

  /** The last token of what stands right of it. */
  int operandEnd(int operator) {
    int i = operator;
    while (!isBeyondOperand(i + 1, operator)) {
      i = after(i);
    }
    return i;
  }

  /** Whether a token binds less than a comparison, or is none of its expression. */
  private boolean isBeyondOperand(int i, int operator) {
    String word = tokens.at(i);
    if (ENDS.contains(word)
        || Set.of("&&", "||").contains(word)
        || isAssignment(i)
        || isEquality(i)) {
      return true;
    }
    if (RELATIONS.contains(word) && tokens.partner(i) < 0) {
      return !isEquality(operator);
    }
    if (Set.of("(", "[", "{").contains(word)) {
      return tokens.partner(i) < 0 || tokens.partner(i) > i && encloses(i, operator);
    }
    if (Set.of(")", "]", "}").contains(word)) {
      return word.equals("}") || encloses(i, operator);
    }
    return Set.of("&", "|", "^").contains(word) && tokens.isSpaced(i);
  }

  private boolean encloses(int bracket, int i) {
    if (tokens.partner(bracket) < 0) {
      return true;
    }
    int from = Math.min(bracket, tokens.partner(bracket));
    int to = Math.max(bracket, tokens.partner(bracket));
    return from < i && i < to;
  }

  /** The first token of what stands left of {@code &&} or {@code ||}, up to one that binds less. */
  int partStart(int operator) {
    int i = operator;
    while (!isBeyondPart(i - 1, operator)) {
      i = before(i);
    }
    return i;
  }

  int partEnd(int operator) {
    int i = operator;
    while (!isBeyondPart(i + 1, operator)) {
      i = after(i);
    }
    return i;
  }

  private boolean isBeyondPart(int i, int operator) {
    String word = tokens.at(i);
    if (ENDS.contains(word) || isAssignment(i)) {
      return true;
    }
    if (word.equals("||") || (word.equals("&&") && tokens.at(operator).equals("&&"))) {
      return true;
    }
    return tokens.partner(i) >= 0 && encloses(i, operator) || word.equals("{") || word.equals("}");
  }

  /** The first token of the condition before a {@code ?}. */
  int choiceStart(int question) {
    int i = question;
    while (!(ENDS.contains(tokens.at(i - 1))
        || isAssignment(i - 1)
        || tokens.at(i - 1).equals("}")
        || Set.of("(", "[", "{").contains(tokens.at(i - 1)) && encloses(i - 1, question))) {
      i = before(i);
    }
    return i;
  }

  /** The last token of what a {@code :} offers. */
  int choiceEnd(int colon) {
    int end = colon;
    while (!Set.of(";", ",", ":").contains(tokens.at(end + 1)) && !closes(end + 1)) {
      end = tokens.partner(end + 1) > end + 1 ? tokens.partner(end + 1) : end + 1;
    }
    return end;
  }

  /** Whether an assignment is that of a loop's own variable. */
  boolean isOfLoop(int assignment) {
    int k = assignment;
    while (!Set.of(";", "{", "}", "(").contains(tokens.at(k)) || closes(k)) {
      k = closes(k) ? tokens.partner(k) - 1 : k - 1;
    }
    return tokens.at(k).equals("(") && tokens.at(k - 1).equals("for");
  }

  /** The name of the array that a chain of indices, which ends here, is of. */
  int arrayName(int close) {
    int before = tokens.partner(close) - 1;
    return tokens.at(before).equals("]") ? arrayName(before) : before;
  }

  /** Whether a later statement, before {@code end}, computes a variable from itself. */
  boolean isUpdated(int name, int end) {
    String variable = tokens.at(name);
    for (int i = name + 1; i < end; i++) {
      if (!tokens.at(i).equals(variable)) {
        continue;
      }
      int after = i + 1;
      while (tokens.at(after).equals("[")) {
        after = tokens.partner(after) + 1;
      }
      if (tokens.at(after).equals("=")) {
        for (int k = after + 1; k < next(after, ";"); k++) {
          if (tokens.at(k).equals(variable)) {
            return true;
          }
        }
      } else if (isAssignment(after)) {
        return true;
      }
    }
    return false;
  }
}
