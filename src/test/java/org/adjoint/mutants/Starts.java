package org.adjoint.mutants;

import java.util.regex.Pattern;
import org.adjoint.mutants.Sites.Adding;

/** Mutants of what accumulators begin with. */
final class Starts {
  /** What a sum, a product, a maximum, or a search begins with, or a term that is left out. */
  private static final Pattern NEUTRAL =
      Pattern.compile(
          "[-~]?[\\d.]\\w*|[-~]?\\w+ ?\\([-~]?[\\d.]*\\)|-?infinity<\\w+>\\(\\)"
              + "|Narrow<\\w+>::of\\(0\\.0f?\\)|\\w+(<\\w+>)?::none\\(\\)|nullptr|\\w+\\{\\}");

  private final Tokens tokens;
  private final Expressions expressions;
  private final Schemata schemata;
  private final Adding sites;

  Starts(Tokens tokens, Expressions expressions, Schemata schemata, Adding sites) {
    this.tokens = tokens;
    this.expressions = expressions;
    this.schemata = schemata;
    this.sites = sites;
  }

  /** Whether the tokens from one to another are such a value. */
  boolean isNeutral(int from, int to) {
    return NEUTRAL.matcher(tokens.slice(from, to)).matches();
  }

  /**
   * {@code double sum = 0;}, if something is done to sum afterwards, in the body that ends at
   * {@code close}.
   */
  void start(int i, int close) {
    int end = expressions.next(i + 1, ";");
    int stop = Math.min(end, expressions.next(i + 1, ","));
    boolean array = tokens.at(i - 1).equals("]");
    int name = array ? expressions.arrayName(i - 1) : i - 1;
    if (!tokens.at(end).equals(";")
        || !tokens.isName(name)
        || expressions.isOfLoop(i)
        || !expressions.isUpdated(name, close)) {
      return;
    }
    boolean declares =
        tokens.isName(name - 1)
            || tokens.at(name - 1).equals(">")
            || tokens.at(name - 1).equals("*");
    String value = tokens.slice(i + 1, stop - 1);
    String left = tokens.slice(name, i);
    if (declares && array && value.equals("{}")) {
      int id = sites.add(Operator.ACCUMULATOR, i, left + " {}", left + " {1}");
      schemata.wrap(i + 1, i + 1, "", "emu_first(" + id + ")");
    } else if ((declares && !array) || isNeutral(i + 1, stop - 1)) {
      if (value.startsWith("{")
          || value.endsWith("none()")
          || (declares && tokens.at(name - 1).equals("&"))) {
        return;
      }
      int id = sites.add(Operator.ACCUMULATOR, i, left + " " + value, left + " " + value + " + 1");
      schemata.wrap(i + 1, stop - 1, "emu_start(" + id + ", ", ")");
    }
  }

  /** {@code static Top none() { return {-infinity<C>()}; }}: what a part that has nothing gives. */
  void none(int open) {
    if (!tokens.at(open).equals("{")) {
      return;
    }
    int close = tokens.partner(open);
    for (int from = open + 1; from < close; ) {
      int end = Math.min(expressions.next(from, ","), close);
      String value = tokens.slice(from, end - 1);
      int id = sites.add(Operator.ACCUMULATOR, from, value, value + " + 1");
      schemata.wrap(from, end - 1, "emu_start(" + id + ", ", ")");
      from = end + 1;
    }
  }
}
