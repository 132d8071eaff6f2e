package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.adjoint.mutants.Bodies.Body;

/**
 * Finds the places in a preprocessed kernel file where operators apply, and writes each so that it
 * changes when the emulator says so: all mutants of a file are compiled at once.
 */
final class Sites {
  private static final Set<String> BARRIERS =
      Set.of(
          "__syncthreads",
          "__syncwarp",
          "__threadfence",
          "grid_sync",
          "copy_async_wait",
          "copy_async_commit");
  private static final Pattern VOTE =
      Pattern.compile("__(shfl|shfl_up|shfl_down|shfl_xor|ballot|any|all|match_any)_sync");
  private final Tokens tokens;
  private final Bodies bodies;
  private final List<Site> sites = new ArrayList<>();
  private final Expressions expressions;
  private final Schemata schemata;
  private final Loops loops;
  private final Starts starts;
  private final Map<String, Integer> ordinals = new HashMap<>();
  private final Set<Integer> leaving = new HashSet<>(); // each || of a condition to leave
  private int ids;
  private int marker;
  private Body body;

  /** Notes a place, and returns its number. */
  interface Adding {
    int add(Operator operator, int at, String original, String mutated);
  }

  /** The sites of a preprocessed text, in the files that {@code ours} says. */
  Sites(String text, Predicate<String> ours) {
    tokens = new Tokens(text);
    bodies = new Bodies(tokens, ours);
    expressions = new Expressions(tokens);
    schemata = new Schemata(tokens);
    loops = new Loops(tokens, expressions, schemata, this::add);
    starts = new Starts(tokens, expressions, schemata, this::add);
    for (Body each : bodies.bodies()) {
      body = each;
      int before = sites.size();
      marker = ids++;
      for (int i = each.open() + 1; i < each.close(); i++) {
        if (!bodies.isConstant(i)) {
          look(i);
        }
      }
      if (sites.size() > before) {
        schemata.wrap(each.open(), each.open(), "", " emu_mutant(" + marker + ");");
      }
    }
  }

  List<Site> all() {
    return sites;
  }

  Bodies bodies() {
    return bodies;
  }

  /** One more than the largest number in use. */
  int ids() {
    return ids;
  }

  /** The text in which each site can be switched on. */
  String schemata() {
    return schemata.text();
  }

  private void look(int i) {
    String word = tokens.at(i);
    if (word.equals("[")) {
      index(i);
    } else if (BARRIERS.contains(word)) {
      barrier(i);
    } else if (expressions.isRelation(i) || (expressions.isEquality(i) && tokens.isSpaced(i))) {
      comparison(i);
    } else if (word.equals("for")) {
      loops.loop(i + 1);
    } else if (word.equals("while")) {
      loops.stops(i + 2, tokens.partner(i + 1) - 1);
    } else if (word.equals("if") && tokens.at(i + 1).equals("(")) {
      guard(i);
    } else if (word.equals("&&") || (word.equals("||") && leaving.contains(i))) {
      parts(i, word);
    } else if (word.equals("?")) {
      choice(i);
    } else if (word.equals("=")) {
      starts.start(i, body.close());
    } else if (word.equals("return") && tokens.at(body.open() - 3).equals("none")) {
      starts.none(i + 1);
    } else if (VOTE.matcher(word).matches()) {
      lanes(i);
    }
  }

  private int add(Operator operator, int at, String original, String mutated) {
    String file = tokens.file(at);
    String region = body.region().name();
    sites.add(
        new Site(
            ids,
            operator,
            file.substring(file.lastIndexOf('/') + 1),
            tokens.line(at),
            region,
            marker,
            bodies.isOptional(at),
            ordinals.merge(region, 1, Integer::sum) - 1,
            original,
            mutated));
    return ids++;
  }

  private void index(int open) {
    int close = tokens.partner(open);
    int first = open;
    while (tokens.at(first - 1).equals("]")) {
      first = tokens.partner(first - 1);
    }
    String name = tokens.at(first - 1) + tokens.slice(first, open);
    String inner = tokens.slice(open + 1, close - 1);
    int id = add(Operator.INDEX, open, name + inner + "]", name + inner + " + 1]");
    add(Operator.INDEX, open, name + inner + "]", name + inner + " - 1]");
    schemata.wrap(open + 1, close - 1, "emu_shifted(" + id + ", ", ")");
  }

  private void barrier(int i) {
    int open = tokens.at(i + 1).equals("<") ? tokens.partner(i + 1) + 1 : i + 1;
    if (!tokens.at(open).equals("(") || !tokens.at(tokens.partner(open) + 1).equals(";")) {
      return;
    }
    int end = tokens.partner(open) + 1;
    int id = add(Operator.BARRIER, i, tokens.slice(i, end), ";");
    schemata.wrap(i, end, "{ if (!emu_mutant(" + id + ")) ", " }");
  }

  private void comparison(int i) {
    int from = expressions.operandStart(i);
    int to = expressions.operandEnd(i);
    String opposite =
        switch (tokens.at(i)) {
          case "<" -> ">=";
          case ">" -> "<=";
          case "<=" -> ">";
          case ">=" -> "<";
          case "==" -> "!=";
          default -> "==";
        };
    if (bodies.isConstant(from, to)) {
      return;
    }
    String flipped = tokens.slice(from, i - 1) + " " + opposite + " " + tokens.slice(i + 1, to);
    int id = add(Operator.COMPARISON, i, tokens.slice(from, to), flipped);
    schemata.wrap(from, to, "(emu_mutant(" + id + ") != (", "))");
  }

  private void guard(int i) {
    int open = i + 1;
    int close = tokens.partner(open);
    int end = bodies.statementEnd(close + 1);
    boolean leaves = leaves(close + 1);
    for (int k = expressions.next(open + 1, "||");
        leaves && k < close;
        k = expressions.next(k + 1, "||")) {
      leaving.add(k);
    }
    boolean single =
        expressions.next(open + 1, "&&") >= close && expressions.next(open + 1, "||") >= close;
    if ((!tokens.at(end + 1).equals("else") || leaves) && single) {
      condition(open + 1, close - 1, !leaves);
    }
  }

  private boolean leaves(int statement) {
    int first = tokens.at(statement).equals("{") ? statement + 1 : statement;
    return Set.of("return", "continue", "break").contains(tokens.at(first));
  }

  /** A condition that counts as true, or as false. */
  private void condition(int from, int to, boolean value) {
    String word = value ? "true" : "false";
    if (!bodies.isConstant(from, to)) {
      int id = add(Operator.MASK, from, tokens.slice(from, to), word);
      schemata.wrap(from, to, "emu_" + word + "(" + id + ", ", ")");
    }
  }

  /**
   * The operands of a chain of {@code &&} count as true one by one, those of {@code ||} as false.
   */
  private void parts(int i, String word) {
    int from = expressions.partStart(i);
    int to = expressions.partEnd(i);
    condition(i + 1, to, word.equals("&&"));
    if (!tokens.at(from - 1).equals(word)) {
      condition(from, i - 1, word.equals("&&"));
    }
  }

  private void choice(int i) {
    int colon = expressions.next(i + 1, ":");
    int end = expressions.choiceEnd(colon);
    int from = expressions.choiceStart(i);
    boolean chained = expressions.next(from, "&&") < i || expressions.next(from, "||") < i;
    if (chained || !tokens.at(colon).equals(":")) {
      return;
    }
    if (starts.isNeutral(colon + 1, end)) {
      condition(from, i - 1, true);
    } else if (starts.isNeutral(i + 1, colon - 1)) {
      condition(from, i - 1, false);
    }
  }

  private void lanes(int i) {
    int end = expressions.next(i + 2, ",") - 1;
    String mask = tokens.slice(i + 2, end);
    if (!mask.equals("ALL_LANES") && !mask.startsWith("0xffffffff")) {
      int id = add(Operator.MASK, i, mask, "ALL_LANES");
      schemata.wrap(i + 2, end, "(emu_mutant(" + id + ") ? 0xffffffffu : ", ")");
    }
  }
}
