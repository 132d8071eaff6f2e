package org.adjoint.bench.kernels;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.Result;

/**
 * The variants of one case, from the simplest to the best.
 *
 * @param rows the best first
 */
record Ladder(List<Result> rows, Ceilings ceilings) {
  private static final int WIDTH = 40;
  private static final String BAR = "█";
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  /** The ladders among rows: those of one case, if they are more than one. */
  static List<List<Result>> of(List<Result> rows) {
    return KernelCases.among(rows).stream()
        .map(KernelCases.Case::rows)
        .filter(ladder -> ladder.size() > 1)
        .toList();
  }

  /** Prints a table, and a chart of speeds. */
  void print(PrintWriter out) {
    out.printf("%n%s%n", KernelLines.head(rows.getFirst()).strip());
    List<Result> upwards = rows.reversed();
    out.printf(
        "  %-12s %8s %8s %10s %10s  %s%n", "step", "moved", "barriers", "conflicts", "us", "");
    for (Result row : upwards) {
      out.println(line(row));
    }
    double most = rows.stream().mapToDouble(this::speed).max().orElse(0);
    out.printf(
        "  %s, %s:%n",
        ceilings.measured() ? "measured" : "implied by what was counted, not measured",
        isByArithmetic() ? "GFLOP/s" : "GB/s of what must be moved");
    for (Result row : upwards) {
      double speed = speed(row);
      if (speed > 0) {
        out.printf(
            Locale.ROOT,
            "  %-12s %-" + WIDTH + "s %,.0f%n",
            row.variant(),
            bar(speed / most),
            speed / 1e9);
      }
    }
    out.flush();
  }

  private static String line(Result row) {
    KernelFacts kernel = KernelLines.facts(row);
    Traffic traffic = kernel.traffic();
    double us = KernelCases.us(row);
    String change = Objects.requireNonNullElse(kernel.change(), "");
    return String.format(
            Locale.ROOT,
            "  %-12s %8s %8s %10s %10s  %s",
            row.variant() + (kernel.chosen() ? " *" : ""),
            traffic == null ? "" : String.format(Locale.ROOT, "%.2f", moved(row, traffic)),
            traffic == null ? "" : String.format(Locale.ROOT, "%,d", traffic.barriers()),
            traffic == null ? "" : String.format(Locale.ROOT, "%,d", traffic.conflicts()),
            Double.isFinite(us) ? String.format(Locale.ROOT, "%.3f", us) : "",
            change)
        .stripTrailing();
  }

  /** What was moved, as a multiple of what must be: all that warps asked for. */
  private static double moved(Result row, Traffic traffic) {
    return traffic.moved() / (double) Objects.requireNonNullElse(row.bytes(), 0L);
  }

  /** Whether the arithmetic, not memory, is what holds the best up. */
  private boolean isByArithmetic() {
    return rows.stream()
        .anyMatch(row -> {
          double bytes = Objects.requireNonNullElse(row.bytes(), 0L);
          return KernelLines.leastUs(row, ceilings) > 1.001e6 * bytes / ceilings.bytesPerSecond();
        });
  }

  /** FLOP, or bytes, in a second; 0 if it is not known. */
  private double speed(Result row) {
    double us = KernelCases.us(row);
    Long work = isByArithmetic() ? row.flop() : row.bytes();
    return work != null && Double.isFinite(us) ? work / us * 1e6 : 0;
  }

  /** A bar of eighths of characters. */
  static String bar(double share) {
    int eighths = (int) Math.round(share * WIDTH * 8);
    String rest = EIGHTHS.substring(eighths % 8, eighths % 8 + 1).strip();
    return BAR.repeat(eighths / 8) + rest;
  }
}
