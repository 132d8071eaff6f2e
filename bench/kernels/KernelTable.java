package org.adjoint.bench.kernels;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.adjoint.bench.Result;

/**
 * The table for people: families, in them cases, and a line for each variant. Units may come in any
 * order; what belongs together is printed once it is whole, or in the end. A unit that has no
 * answer then was left.
 */
final class KernelTable {
  private final PrintWriter out;
  private final boolean counted;
  private final List<Unit> units;
  private final NavigableMap<Integer, Unit.Answer> answers = new TreeMap<>();
  private final List<Result> rows = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int shown;
  private String family = "";

  /**
   * A table of {@code units}.
   *
   * @param counted whether it shows counts, not times
   */
  KernelTable(List<Unit> units, boolean counted, PrintWriter out) {
    this.units = units;
    this.counted = counted;
    this.out = out;
  }

  /** The rows so far, in the order of the table. */
  List<Result> rows() {
    return List.copyOf(rows);
  }

  /** Why rows are missing. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Takes what came of a unit of that number. */
  void add(int unit, Unit.Answer answer) {
    answers.put(unit, answer);
    while (shown < units.size() && next().size() == endOfTable() - shown) {
      show();
    }
    out.flush();
  }

  /** Where the units of the next operation end. */
  private int endOfTable() {
    int end = shown;
    while (end < units.size() && units.get(end).isOfSameTable(units.get(shown))) {
      end++;
    }
    return end;
  }

  /** What came of these, as far as it is known. */
  private List<Unit.Answer> next() {
    return List.copyOf(answers.subMap(shown, endOfTable()).values());
  }

  private void show() {
    Unit first = units.get(shown);
    List<Unit.Answer> together = next();
    shown = endOfTable();
    if (together.isEmpty()) {
      return;
    }
    if (!first.family().equals(family)) {
      family = first.family();
      out.printf("%n%s%n", family);
      out.println(counted ? KernelLines.COUNTS : KernelLines.TIMES);
    }
    List<Unit.Row> found = new ArrayList<>();
    for (Unit.Answer answer : together) {
      found.addAll(answer.rows());
      failures.addAll(answer.failures());
    }
    found.sort(Comparator.comparingInt(Unit.Row::at));
    int at = -1;
    for (Unit.Row row : found) {
      if (row.at() != at) {
        at = row.at();
        out.println(KernelLines.head(row.result()));
      }
      out.println(counted ? KernelLines.counts(row.result()) : KernelLines.times(row.result()));
      rows.add(row.result());
    }
    for (Unit.Answer answer : together) {
      answer.failures().forEach(failure -> out.println("  FAIL " + failure));
    }
  }

  /**
   * Prints what is left to show, and what all came to.
   *
   * @param why units were left, if any were: words that follow their number
   */
  void foot(String device, double seconds, String why) {
    while (shown < units.size()) {
      show();
    }
    int left = units.size() - answers.size();
    out.printf(
        Locale.ROOT,
        "%n%s: %d rows of %d variants in %.0f s, %d failed%s%n",
        device,
        rows.size(),
        answers.size(),
        seconds,
        failures.size(),
        left == 0 ? "" : ", " + left + " left " + why);
    if (counted) {
      out.println(
          "Nothing was timed: the emulator counts, and times are implied for an H100 SXM by"
              + " 3.35 TB/s and its nominal FLOP/s. asked to ideal are multiples of the bytes that"
              + " must be moved; in cached, what all blocks read counts once a block.");
    }
    failures.forEach(out::println);
    out.flush();
  }
}
