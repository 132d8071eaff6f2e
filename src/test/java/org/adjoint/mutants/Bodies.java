package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The functions of a kernel file and its headers, and what in them must stay constant. */
final class Bodies {
  private static final Set<String> CONTROL =
      Set.of("if", "for", "while", "switch", "constexpr", "catch", "__launch_bounds__");
  private static final Set<String> AFTER_PARAMETERS = Set.of("const", "noexcept", "override");
  private static final Set<String> CONSTANT_STATEMENTS =
      Set.of("constexpr", "typedef", "using", "static_assert", "__shared__", "extern", "asm");
  private static final Pattern CONSTANT_NAME = Pattern.compile("[A-Z][A-Z0-9_]*|sizeof|true|false");
  private static final Set<String> CONSTANT_CALLS = Set.of("sizeof", "alignas", "decltype");

  /** A definition at the top of a file; one that is spread over several counts as one. */
  record Region(String name, int from, int to) {}

  /** The body of a function: its braces. */
  record Body(Region region, int open, int close) {}

  private final Tokens tokens;
  private final List<Region> regions = new ArrayList<>();
  private final List<Body> bodies = new ArrayList<>();
  private final boolean[] constant;
  private final boolean[] optional;

  /**
   * Finds them.
   *
   * @param ours whether a file, known by its path, is to be looked at
   */
  Bodies(Tokens tokens, Predicate<String> ours) {
    this.tokens = tokens;
    constant = new boolean[tokens.size()];
    optional = new boolean[tokens.size()];
    String file = "";
    boolean mine = false;
    for (int i = 0; i < tokens.size(); ) {
      if (!tokens.file(i).equals(file)) {
        file = tokens.file(i);
        mine = ours.test(file);
      }
      int end = regionEnd(i);
      if (mine) {
        region(i, end);
      }
      i = end + 1;
    }
  }

  /** The last token of the definition that begins at {@code i}. */
  private int regionEnd(int i) {
    for (int k = i; k < tokens.size(); k++) {
      String word = tokens.at(k);
      if (word.equals(";")) {
        return k;
      }
      if (word.equals("{") && tokens.partner(k) >= 0) {
        k = tokens.partner(k);
        if (!tokens.at(k + 1).equals(";") && !tokens.at(k + 1).equals(",")) {
          return k;
        }
      } else if (tokens.partner(k) > k) {
        k = tokens.partner(k);
      }
    }
    return tokens.size() - 1;
  }

  private void region(int from, int to) {
    Region region = new Region(name(from, to), from, to);
    regions.add(region);
    for (int i = from; i < to; i++) {
      if (tokens.at(i).equals("{") && isFunction(i)) {
        Body body = new Body(region, i, tokens.partner(i));
        bodies.add(body);
        mark(body);
        i = body.close;
      }
    }
  }

  /** What is defined: a struct, or a function. */
  private String name(int from, int to) {
    for (int i = from; i < to; i++) {
      String word = tokens.at(i);
      if (word.equals("<") && tokens.partner(i) > i) {
        i = tokens.partner(i);
      } else if (Set.of("alignas", "__launch_bounds__", "__attribute__").contains(word)) {
        i = tokens.partner(i + 1);
      } else if (word.equals("struct") || word.equals("enum") || word.equals("class")) {
        int name = tokens.at(i + 1).equals("alignas") ? tokens.partner(i + 2) + 1 : i + 1;
        return tokens.at(name);
      } else if (word.equals("(") || word.equals("=") || word.equals("{")) {
        int name = i - 1;
        return tokens.at(tokens.at(name).equals(">") ? tokens.partner(name) - 1 : name);
      }
    }
    return tokens.at(to - 1);
  }

  private boolean isFunction(int brace) {
    int i = brace - 1;
    while (AFTER_PARAMETERS.contains(tokens.at(i))) {
      i--;
    }
    if (!tokens.at(i).equals(")") || tokens.partner(i) < 0) {
      return false;
    }
    int name = tokens.partner(i) - 1;
    if (!tokens.isName(name) || CONTROL.contains(tokens.at(name))) {
      return false;
    }
    for (int k = name; k >= 0 && !Set.of(";", "{", "}").contains(tokens.at(k)); k--) {
      if (tokens.at(k).equals("constexpr")) {
        return false;
      }
    }
    return true;
  }

  /** Notes what must be constant in a body, and what {@code if constexpr} may leave out. */
  private void mark(Body body) {
    for (int i = body.open + 1; i < body.close; i++) {
      String word = tokens.at(i);
      if (CONSTANT_STATEMENTS.contains(word) && !tokens.at(i - 1).equals("if")) {
        int begin = i;
        while (!Set.of(";", "{", "}").contains(tokens.at(begin - 1))) {
          begin--;
        }
        int end = i;
        while (!tokens.at(end).equals(";")) {
          end = tokens.partner(end) > end ? tokens.partner(end) + 1 : end + 1;
        }
        Arrays.fill(constant, begin, end + 1, true);
        i = end;
      } else if (word.equals("constexpr")) {
        int close = tokens.partner(i + 1);
        Arrays.fill(constant, i, close + 1, true);
        optional(close + 1);
      } else if (word.equals("if")
          && tokens.at(i + 1).equals("(")
          && isConstant(i + 2, tokens.partner(i + 1) - 1)) {
        optional(tokens.partner(i + 1) + 1);
      } else if (word.equals("?") && isConstant(choiceStart(i), i - 1)) {
        Arrays.fill(optional, i, expressionEnd(i) + 1, true);
      } else if (CONSTANT_CALLS.contains(word) && tokens.at(i + 1).equals("(")) {
        Arrays.fill(constant, i, tokens.partner(i + 1) + 1, true);
      } else if (word.equals("<") && tokens.partner(i) > i) {
        Arrays.fill(constant, i, tokens.partner(i) + 1, true);
      } else if (word.equals("[") && isDeclarator(i)) {
        Arrays.fill(constant, i, tokens.partner(i) + 1, true);
      }
    }
  }

  /** The branches of an {@code if constexpr}, the first of which begins at {@code i}. */
  private void optional(int i) {
    int end = statementEnd(i);
    Arrays.fill(optional, i, end + 1, true);
    if (tokens.at(end + 1).equals("else")) {
      optional(end + 2);
    }
  }

  /**
   * Whether an expression is known when a template is filled in: all its names are of that kind.
   */
  boolean isConstant(int from, int to) {
    for (int i = from; i <= to; i++) {
      if (tokens.isName(i) && !CONSTANT_NAME.matcher(tokens.at(i)).matches()) {
        return false;
      }
    }
    return true;
  }

  private int choiceStart(int question) {
    int i = question;
    while (!Set.of(",", ";", "?", ":", "=", "return", "(", "[", "{", "}", "+=")
        .contains(tokens.at(i - 1))) {
      i = tokens.partner(i - 1) >= 0 ? tokens.partner(i - 1) : i - 1;
    }
    return i;
  }

  private int expressionEnd(int i) {
    int end = i;
    while (!Set.of(";", ",").contains(tokens.at(end + 1))
        && !(tokens.partner(end + 1) >= 0 && tokens.partner(end + 1) <= end)) {
      end = tokens.partner(end + 1) > end ? tokens.partner(end + 1) : end + 1;
    }
    return end;
  }

  /** The last token of the statement that begins at {@code i}. */
  int statementEnd(int i) {
    if (tokens.at(i).equals("{")) {
      return tokens.partner(i);
    }
    if (Set.of("if", "for", "while").contains(tokens.at(i))) {
      int open = tokens.at(i + 1).equals("constexpr") ? i + 2 : i + 1;
      int end = statementEnd(tokens.partner(open) + 1);
      return tokens.at(end + 1).equals("else") ? statementEnd(end + 2) : end;
    }
    int end = i;
    while (!tokens.at(end).equals(";")) {
      end = tokens.partner(end) > end ? tokens.partner(end) + 1 : end + 1;
    }
    return end;
  }

  /** Whether a bracket gives the size of an array that is declared, rather than an index. */
  private boolean isDeclarator(int bracket) {
    int before = bracket - 1;
    if (tokens.at(before).equals("]")) {
      return isDeclarator(tokens.partner(before));
    }
    if (tokens.at(before).equals(")")) {
      String inner = tokens.at(tokens.partner(before) + 1);
      return inner.equals("&") || inner.equals("*");
    }
    if (!tokens.isName(before)) {
      return true; // the captures of a lambda
    }
    String type = tokens.at(before - 1);
    if (tokens.isName(before - 1)) {
      return !Set.of("return", "else", "case").contains(type);
    }
    if (type.equals(">") || type.equals("*") || type.equals("&")) {
      return !tokens.isSpaced(before - 1) && tokens.isName(before - 2)
          || (type.equals(">") && tokens.partner(before - 1) >= 0);
    }
    return type.equals(",") && inDeclaration(before - 1);
  }

  /** Whether a comma separates declarators: {@code long long row, at[3];}. */
  private boolean inDeclaration(int comma) {
    int begin = comma - 1;
    while (!Set.of(";", "{", "}", "(", "[").contains(tokens.at(begin)) || isInitializer(begin)) {
      begin =
          tokens.partner(begin) >= 0 && tokens.partner(begin) < begin
              ? tokens.partner(begin) - 1
              : begin - 1;
    }
    return !tokens.at(begin).equals("(")
        && !tokens.at(begin).equals("[")
        && tokens.isName(begin + 1)
        && (tokens.isName(begin + 2) || tokens.at(begin + 2).equals("<"));
  }

  /** Whether a brace ends an array's values: {@code float a[3] = {}, b[3];}. */
  private boolean isInitializer(int brace) {
    return tokens.at(brace).equals("}") && tokens.at(tokens.partner(brace) - 1).equals("=");
  }

  Tokens tokens() {
    return tokens;
  }

  List<Body> bodies() {
    return bodies;
  }

  boolean isConstant(int i) {
    return constant[i];
  }

  boolean isOptional(int i) {
    return optional[i];
  }

  /** For each name, all regions that define it. */
  Map<String, List<Region>> regions() {
    Map<String, List<Region>> byName = new LinkedHashMap<>();
    for (Region region : regions) {
      byName.computeIfAbsent(region.name(), _ -> new ArrayList<>()).add(region);
    }
    return byName;
  }

  /** The regions that what has these names may use, themselves included, in the file's order. */
  Set<Region> reachable(Set<String> names) {
    Map<String, List<Region>> byName = regions();
    Set<String> seen = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(names);
    while (!open.isEmpty()) {
      String name = open.removeLast();
      if (byName.containsKey(name) && seen.add(name)) {
        for (Region region : byName.get(name)) {
          for (int i = region.from(); i <= region.to(); i++) {
            if (tokens.isName(i) && !seen.contains(tokens.at(i))) {
              open.add(tokens.at(i));
            }
          }
        }
      }
    }
    Set<Region> all = new LinkedHashSet<>();
    regions.stream().filter(region -> seen.contains(region.name())).forEach(all::add);
    return all;
  }
}
