package org.adjoint.bench.kernels;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.Result;

/**
 * The table for people: families, in them cases, and a line for each variant. Units may come in any
 * order; what belongs together is printed once it is whole.
 */
final class KernelTable {
  private final PrintWriter out;
  private final boolean counted;
  private final List<Unit> units;
  private final NavigableMap<Integer, Unit.Answer> answers = new TreeMap<>();
  private final List<Result> rows = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int shown;
  private int left;
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

  void add(Unit unit, Unit.Answer answer) {
    answers.put(units.indexOf(unit), answer);
    for (int end = endOfTable(); end > shown; end = endOfTable()) {
      show(end);
      shown = end;
    }
    out.flush();
  }

  /** Leaves a unit out, for want of time. */
  void skip(Unit unit) {
    left++;
    add(unit, new Unit.Answer(List.of(), List.of(), false));
  }

  /** Where the units of the next operation end, if all have answered; else where they begin. */
  private int endOfTable() {
    int end = shown;
    while (end < units.size() && units.get(end).isOfSameTable(units.get(shown))) {
      if (!answers.containsKey(end)) {
        return shown;
      }
      end++;
    }
    return end;
  }

  private void show(int end) {
    Unit first = units.get(shown);
    if (!first.family().equals(family)) {
      family = first.family();
      out.printf("%n%s%n", family);
      out.println(counted ? KernelLines.COUNTS : KernelLines.TIMES);
    }
    List<Unit.Row> found = new ArrayList<>();
    List<Unit.Answer> together = List.copyOf(answers.subMap(shown, end).values());
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

  /** Prints what all came to. */
  void foot(String device, double seconds) {
    out.printf(
        Locale.ROOT,
        "%n%s: %d rows of %d variants in %.0f s, %d failed%s%n",
        device,
        rows.size(),
        shown - left,
        seconds,
        failures.size(),
        left == 0 ? "" : ", " + left + " left for want of time");
    if (counted) {
      out.println(
          "Nothing was timed: the emulator counts, and times are implied for an H100 SXM by"
              + " 3.35 TB/s and its nominal FLOP/s. asked to ideal are multiples of the bytes that"
              + " must be moved; in cached, what all blocks read counts once a block.");
    }
    failures.forEach(out::println);
    out.flush();
  }

  /** What was moved, as a multiple of what must be. */
  static double moved(Result row) {
    KernelFacts kernel = row.kernel();
    Traffic traffic = kernel == null ? null : kernel.traffic();
    Long bytes = row.bytes();
    return traffic == null || bytes == null ? Double.NaN : traffic.moved() / (double) bytes;
  }
}
