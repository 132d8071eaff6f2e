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
  private static final Set<String> RELATIONS = Set.of("<", ">", "<=", ">=");
  private static final Set<String> EQUALITIES = Set.of("==", "!=");
  private static final Set<String> ASSIGNMENTS =
      Set.of("=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=");
  private static final Set<String> ENDS = Set.of(",", ";", "?", ":", "return", "&&", "||");
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
  private static final Pattern NEUTRAL =
      Pattern.compile(
          "[-~]?[\\d.]\\w*|[-~]?\\w+ ?\\([-~]?[\\d.]*\\)|-?infinity<\\w+>\\(\\)"
              + "|Narrow<\\w+>::of\\(0\\.0f?\\)|\\w+(<\\w+>)?::none\\(\\)|nullptr|\\w+\\{\\}");

  private final Tokens tokens;
  private final Bodies bodies;
  private final List<Site> sites = new ArrayList<>();
  private final List<Edit> edits = new ArrayList<>();
  private final Map<String, Integer> ordinals = new HashMap<>();
  private final Set<Integer> leaving = new HashSet<>(); // each || of a condition to leave
  private int ids;
  private int marker;
  private int inside; // the operator that is being looked at
  private Body body;

  /** What is written before and after a stretch of the text. */
  private record Edit(int start, int end, String before, String after) {}

  /** The sites of a preprocessed text, in the files that {@code ours} says. */
  Sites(String text, Predicate<String> ours) {
    tokens = new Tokens(text);
    bodies = new Bodies(tokens, ours);
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
        int brace = tokens.start(each.open());
        edits.add(new Edit(brace, brace + 1, "", " emu_mutant(" + marker + ");"));
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
    StringBuilder out = new StringBuilder(Prelude.TEXT);
    List<Edit> sorted = new ArrayList<>(edits);
    // Where two begin, or end, the wider is outside.
    sorted.sort((a, b) -> a.start != b.start ? a.start - b.start : b.end - a.end);
    List<Edit> open = new ArrayList<>();
    int done = 0;
    for (Edit edit : sorted) {
      done = close(open, edit.start, done, out);
      out.append(tokens.text, done, edit.start).append(edit.before);
      done = edit.start;
      open.add(edit);
    }
    done = close(open, Integer.MAX_VALUE, done, out);
    return out.append(tokens.text.substring(done)).toString();
  }

  private int close(List<Edit> open, int until, int done, StringBuilder out) {
    while (!open.isEmpty() && open.getLast().end <= until) {
      Edit last = open.removeLast();
      out.append(tokens.text, done, last.end).append(last.after);
      done = last.end;
    }
    return done;
  }

  private void look(int i) {
    String word = tokens.at(i);
    if (word.equals("[")) {
      index(i);
    } else if (BARRIERS.contains(word)) {
      barrier(i);
    } else if ((RELATIONS.contains(word) || EQUALITIES.contains(word)) && tokens.isSpaced(i)) {
      comparison(i);
    } else if (word.equals("for")) {
      loop(i + 1);
    } else if (word.equals("while")) {
      stops(i + 2, tokens.partner(i + 1) - 1);
    } else if (word.equals("if") && tokens.at(i + 1).equals("(")) {
      guard(i);
    } else if (word.equals("&&") || (word.equals("||") && leaving.contains(i))) {
      parts(i, word);
    } else if (word.equals("?")) {
      choice(i);
    } else if (word.equals("=")) {
      start(i);
    } else if (word.equals("return") && tokens.at(body.open() - 3).equals("none")) {
      none(i + 1);
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

  private void wrap(int from, int to, String before, String after) {
    edits.add(new Edit(tokens.start(from), tokens.end(to), before, after));
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
    wrap(open + 1, close - 1, "emu_shifted(" + id + ", ", ")");
  }

  private void barrier(int i) {
    int open = tokens.at(i + 1).equals("<") ? tokens.partner(i + 1) + 1 : i + 1;
    if (!tokens.at(open).equals("(") || !tokens.at(tokens.partner(open) + 1).equals(";")) {
      return;
    }
    int end = tokens.partner(open) + 1;
    int id = add(Operator.BARRIER, i, tokens.slice(i, end), ";");
    wrap(i, end, "{ if (!emu_mutant(" + id + ")) ", " }");
  }

  private void comparison(int i) {
    inside = i;
    boolean equality = EQUALITIES.contains(tokens.at(i));
    int from = operandStart(i, equality);
    int to = operandEnd(i, equality);
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
    wrap(from, to, "(emu_mutant(" + id + ") != (", "))");
  }

  /** The first token of what stands left of an operator. */
  private int operandStart(int operator, boolean equality) {
    int i = operator;
    while (!isBeyond(i - 1, equality)) {
      i = tokens.partner(i - 1) >= 0 ? tokens.partner(i - 1) : i - 1;
    }
    return i;
  }

  private int operandEnd(int operator, boolean equality) {
    int i = operator;
    while (!isBeyond(i + 1, equality)) {
      i = tokens.partner(i + 1) >= 0 ? tokens.partner(i + 1) : i + 1;
    }
    return i;
  }

  /** Whether a token binds less than a comparison, or is none of its expression. */
  private boolean isBeyond(int i, boolean equality) {
    String word = tokens.at(i);
    if (ENDS.contains(word) || ASSIGNMENTS.contains(word) || EQUALITIES.contains(word)) {
      return true;
    }
    if (RELATIONS.contains(word) && tokens.partner(i) < 0) {
      return !equality;
    }
    if (Set.of("(", "[", "{").contains(word)) {
      return tokens.partner(i) < 0 || tokens.partner(i) > i && isOutside(i);
    }
    if (Set.of(")", "]", "}").contains(word)) {
      return word.equals("}") || isOutside(i);
    }
    return Set.of("&", "|", "^").contains(word) && tokens.isSpaced(i);
  }

  /** Whether a bracket encloses the operator that is being looked at. */
  private boolean isOutside(int bracket) {
    if (tokens.partner(bracket) < 0) {
      return true;
    }
    int from = Math.min(bracket, tokens.partner(bracket));
    int to = Math.max(bracket, tokens.partner(bracket));
    return from < inside && inside < to;
  }

  private void loop(int open) {
    int close = tokens.partner(open);
    int first = next(open + 1, ";");
    int second = next(first + 1, ";");
    if (second > close) {
      return; // over a range
    }
    stops(first + 1, second - 1);
    for (int i = second + 1; i < close; i = next(i, ",") + 1) {
      step(i, Math.min(next(i, ","), close) - 1);
    }
  }

  /** The next such token outside of brackets, or the bracket that ends the search. */
  private int next(int from, String word) {
    int i = from;
    while (i < tokens.size() && !tokens.at(i).equals(word) && !closes(i)) {
      i = tokens.partner(i) > i ? tokens.partner(i) + 1 : i + 1;
    }
    return i;
  }

  private boolean closes(int i) {
    return tokens.partner(i) >= 0 && tokens.partner(i) < i;
  }

  /** The comparisons that end a loop. */
  private void stops(int from, int to) {
    for (int i = from; i <= to; i++) {
      boolean equality = tokens.at(i).equals("!=");
      if (RELATIONS.contains(tokens.at(i)) && tokens.isSpaced(i) || equality) {
        inside = i;
        int end = operandEnd(i, equality);
        String left = tokens.slice(operandStart(i, equality), i);
        String right = tokens.slice(i + 1, end);
        String original = left + " " + right;
        int id = add(Operator.LOOP, i, original, left + " " + right + " + 1");
        add(Operator.LOOP, i, original, left + " " + right + " - 1");
        wrap(i + 1, end, "(", " + emu_shift(" + id + "))");
      } else if (tokens.partner(i) > i) {
        i = tokens.partner(i);
      }
    }
  }

  private void step(int from, int to) {
    String all = tokens.slice(from, to);
    if (tokens.at(to).equals("++") || tokens.at(to).equals("--")) {
      String sign = tokens.at(to).substring(1);
      String name = tokens.slice(from, to - 1);
      int id = add(Operator.LOOP, from, all, name + " " + sign + "= 2");
      wrap(from, to, "", ", (void)(emu_mutant(" + id + ") ? " + all + " : " + name + ")");
      return;
    }
    int i = from;
    while (i <= to && !ASSIGNMENTS.contains(tokens.at(i))) {
      i = tokens.partner(i) > i ? tokens.partner(i) + 1 : i + 1;
    }
    if (i < to && !tokens.at(i).equals("=")) {
      boolean sum = tokens.at(i).equals("+=") || tokens.at(i).equals("-=");
      String stride = tokens.slice(i + 1, to);
      String changed = sum ? "(" + stride + ") / 2" : stride + " + 1";
      int id = add(Operator.LOOP, from, all, tokens.slice(from, i) + " " + changed);
      wrap(i + 1, to, (sum ? "emu_stride(" : "emu_factor(") + id + ", ", ")");
    }
  }

  private void guard(int i) {
    int open = i + 1;
    int close = tokens.partner(open);
    int end = bodies.statementEnd(close + 1);
    boolean leaves = leaves(close + 1);
    for (int k = next(open + 1, "||"); leaves && k < close; k = next(k + 1, "||")) {
      leaving.add(k);
    }
    boolean single = next(open + 1, "&&") >= close && next(open + 1, "||") >= close;
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
      wrap(from, to, "emu_" + word + "(" + id + ", ", ")");
    }
  }

  /**
   * The operands of a chain of {@code &&} count as true one by one, those of {@code ||} as false.
   */
  private void parts(int i, String word) {
    inside = i;
    int from = i;
    while (!isEnd(from - 1, word)) {
      from = tokens.partner(from - 1) >= 0 ? tokens.partner(from - 1) : from - 1;
    }
    int to = i;
    while (!isEnd(to + 1, word)) {
      to = tokens.partner(to + 1) >= 0 ? tokens.partner(to + 1) : to + 1;
    }
    condition(i + 1, to, word.equals("&&"));
    if (!tokens.at(from - 1).equals(word)) {
      condition(from, i - 1, word.equals("&&"));
    }
  }

  private boolean isEnd(int i, String chain) {
    String word = tokens.at(i);
    if (Set.of(",", ";", "?", ":", "return").contains(word) || ASSIGNMENTS.contains(word)) {
      return true;
    }
    if (word.equals("||") || (word.equals("&&") && chain.equals("&&"))) {
      return true;
    }
    return tokens.partner(i) >= 0 && isOutside(i) || word.equals("{") || word.equals("}");
  }

  private void choice(int i) {
    int colon = next(i + 1, ":");
    int end = colon;
    while (!Set.of(";", ",", ":").contains(tokens.at(end + 1)) && !closes(end + 1)) {
      end = tokens.partner(end + 1) > end + 1 ? tokens.partner(end + 1) : end + 1;
    }
    int from = operandStartOfChoice(i);
    boolean chained = next(from, "&&") < i || next(from, "||") < i;
    if (chained || !tokens.at(colon).equals(":")) {
      return;
    }
    if (NEUTRAL.matcher(tokens.slice(colon + 1, end)).matches()) {
      condition(from, i - 1, true);
    } else if (NEUTRAL.matcher(tokens.slice(i + 1, colon - 1)).matches()) {
      condition(from, i - 1, false);
    }
  }

  private int operandStartOfChoice(int question) {
    inside = question;
    int i = question;
    while (!(Set.of(",", ";", "?", ":", "return").contains(tokens.at(i - 1))
        || ASSIGNMENTS.contains(tokens.at(i - 1))
        || Set.of("(", "[", "{", "}").contains(tokens.at(i - 1)) && isOutsideOrBrace(i - 1))) {
      i = tokens.partner(i - 1) >= 0 ? tokens.partner(i - 1) : i - 1;
    }
    return i;
  }

  private boolean isOutsideOrBrace(int i) {
    return tokens.at(i).equals("}") || isOutside(i);
  }

  /** {@code double sum = 0;}, if something is done to sum afterwards. */
  private void start(int i) {
    int end = next(i + 1, ";");
    int stop = Math.min(end, next(i + 1, ","));
    boolean array = tokens.at(i - 1).equals("]");
    int name = array ? firstBracket(i - 1) - 1 : i - 1;
    if (!tokens.at(end).equals(";") || !tokens.isName(name) || isHeader(i) || !isUpdated(name)) {
      return;
    }
    boolean declares =
        tokens.isName(name - 1)
            || tokens.at(name - 1).equals(">")
            || tokens.at(name - 1).equals("*");
    String value = tokens.slice(i + 1, stop - 1);
    String left = tokens.slice(name, i);
    if (declares && array && value.equals("{}")) {
      int id = add(Operator.ACCUMULATOR, i, left + " {}", left + " {1}");
      wrap(i + 1, i + 1, "", "emu_first(" + id + ")");
    } else if ((declares && !array) || NEUTRAL.matcher(value).matches()) {
      if (value.startsWith("{") || value.endsWith("none()") || (declares && isReference(name))) {
        return;
      }
      int id = add(Operator.ACCUMULATOR, i, left + " " + value, left + " " + value + " + 1");
      wrap(i + 1, stop - 1, "emu_start(" + id + ", ", ")");
    }
  }

  /** Whether an assignment is that of a loop's own variable. */
  private boolean isHeader(int i) {
    int k = i;
    while (!Set.of(";", "{", "}", "(").contains(tokens.at(k)) || closes(k)) {
      k = tokens.partner(k) >= 0 && tokens.partner(k) < k ? tokens.partner(k) - 1 : k - 1;
    }
    return tokens.at(k).equals("(") && tokens.at(k - 1).equals("for");
  }

  private boolean isReference(int name) {
    return tokens.at(name - 1).equals("&");
  }

  private int firstBracket(int close) {
    int open = tokens.partner(close);
    return tokens.at(open - 1).equals("]") ? firstBracket(open - 1) : open;
  }

  /** Whether a later statement of the body computes a variable from itself. */
  private boolean isUpdated(int name) {
    String variable = tokens.at(name);
    for (int i = name + 1; i < body.close(); i++) {
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
      } else if (ASSIGNMENTS.contains(tokens.at(after))) {
        return true;
      }
    }
    return false;
  }

  /** {@code static Top none() { return {-infinity<C>()}; }}: what a part that has nothing gives. */
  private void none(int open) {
    if (!tokens.at(open).equals("{")) {
      return;
    }
    int close = tokens.partner(open);
    for (int from = open + 1; from < close; ) {
      int end = Math.min(next(from, ","), close);
      String value = tokens.slice(from, end - 1);
      int id = add(Operator.ACCUMULATOR, from, value, value + " + 1");
      wrap(from, end - 1, "emu_start(" + id + ", ", ")");
      from = end + 1;
    }
  }

  private void lanes(int i) {
    int end = next(i + 2, ",") - 1;
    String mask = tokens.slice(i + 2, end);
    if (!mask.equals("ALL_LANES") && !mask.startsWith("0xffffffff")) {
      int id = add(Operator.MASK, i, mask, "ALL_LANES");
      wrap(i + 2, end, "(emu_mutant(" + id + ") ? 0xffffffffu : ", ")");
    }
  }
}
