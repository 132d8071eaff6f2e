package org.adjoint.mutants;

import org.adjoint.mutants.Sites.Adding;

/** Mutants of loops: of where they stop, and of their steps. */
final class Loops {
  private final Tokens tokens;
  private final Expressions expressions;
  private final Schemata schemata;
  private final Adding sites;

  Loops(Tokens tokens, Expressions expressions, Schemata schemata, Adding sites) {
    this.tokens = tokens;
    this.expressions = expressions;
    this.schemata = schemata;
    this.sites = sites;
  }

  /** A {@code for} loop, whose bracket opens at {@code open}. */
  void loop(int open) {
    int close = tokens.partner(open);
    int first = expressions.next(open + 1, ";");
    int second = expressions.next(first + 1, ";");
    if (second > close) {
      return; // over a range
    }
    stops(first + 1, second - 1);
    for (int i = second + 1; i < close; i = expressions.next(i, ",") + 1) {
      step(i, Math.min(expressions.next(i, ","), close) - 1);
    }
  }

  /** The comparisons that end a loop. */
  void stops(int from, int to) {
    for (int i = from; i <= to; i++) {
      if (expressions.isRelation(i) || tokens.at(i).equals("!=")) {
        int end = expressions.operandEnd(i);
        String left = tokens.slice(expressions.operandStart(i), i);
        String right = tokens.slice(i + 1, end);
        String original = left + " " + right;
        int id = sites.add(Operator.LOOP, i, original, left + " " + right + " + 1");
        sites.add(Operator.LOOP, i, original, left + " " + right + " - 1");
        schemata.wrap(i + 1, end, "(", " + emu_shift(" + id + "))");
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
      int id = sites.add(Operator.LOOP, from, all, name + " " + sign + "= 2");
      schemata.wrap(from, to, "", ", (void)(emu_mutant(" + id + ") ? " + all + " : " + name + ")");
      return;
    }
    int i = from;
    while (i <= to && !expressions.isAssignment(i)) {
      i = tokens.partner(i) > i ? tokens.partner(i) + 1 : i + 1;
    }
    if (i < to && !tokens.at(i).equals("=")) {
      boolean sum = tokens.at(i).equals("+=") || tokens.at(i).equals("-=");
      String stride = tokens.slice(i + 1, to);
      String changed = sum ? "(" + stride + ") / 2" : stride + " + 1";
      int id = sites.add(Operator.LOOP, from, all, tokens.slice(from, i) + " " + changed);
      schemata.wrap(i + 1, to, (sum ? "emu_stride(" : "emu_factor(") + id + ", ", ")");
    }
  }
}
