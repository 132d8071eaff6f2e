package org.adjoint.check;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.adjoint.op.OpSpec;

/** The table of {@code adjoint check}: a row per operation, and what all of them came to. */
public final class CheckTable {
  private static final int MOST_LINES = 5;

  /** What one check came to over all operations. */
  private static final class Total {
    private final List<Double> medians = new ArrayList<>();
    private long compared;
    private double worst;
    private double widest;
    private long nanos;
  }

  private final PrintWriter out;
  private final Map<Check, Total> totals = new EnumMap<>(Check.class);
  private final List<String> failures = new ArrayList<>();
  private int passed;
  private int failed;
  private int killed;
  private int faults;
  private int equivalent;

  /** A table that is printed there. */
  public CheckTable(PrintWriter out) {
    this.out = out;
  }

  /** Prints the head of the table. */
  public void head() {
    out.printf("%-20s %8s", "operation", "examples");
    for (Check check : Check.values()) {
      out.printf("  %" + width(check) + "s", check.title());
    }
    out.printf("  %9s%n", "mutants");
  }

  private static int width(Check check) {
    return Math.max(check.title().length(), check == Check.FAST ? 12 : 10);
  }

  /** Checks {@code op} and prints its row. */
  public void row(OpSpec op, MutationCheck mutants, boolean listMutants) {
    out.printf("%-20s %8d", op.name(), op.examples().size());
    for (Check check : Check.values()) {
      long start = System.nanoTime();
      Tally tally = check.on(op);
      add(totals.computeIfAbsent(check, c -> new Total()), tally, System.nanoTime() - start);
      out.printf("  %" + width(check) + "s", cell(tally));
      note(tally.failures().stream().map(Failure::toString).toList());
    }
    out.printf("  %4d/%d%n", mutants.killed().size(), mutants.total());
    out.flush();
    killed += mutants.killed().size();
    faults += mutants.total();
    equivalent += mutants.equivalent().size();
    note(
        mutants.survived().stream()
            .map(fault -> op.name() + ": mutants: " + fault + ": no check noticed")
            .toList());
    if (listMutants) {
      mutants.killed().forEach(fault -> out.println("    noticed:    " + fault));
      mutants.equivalent().forEach(fault -> out.println("    equivalent: " + fault));
    }
  }

  private static void add(Total total, Tally tally, long nanos) {
    total.compared += tally.compared();
    total.worst = Math.max(total.worst, tally.worst());
    total.widest = Math.max(total.widest, tally.widest());
    total.nanos += nanos;
    if (tally.inexact() > 0) {
      total.medians.add(tally.median());
    }
  }

  private static String cell(Tally tally) {
    if (!tally.failures().isEmpty()) {
      return tally.failures().size() + " FAILED";
    }
    if (tally.inexact() > 0) {
      return "%.3f, %.3f".formatted(tally.median(), tally.worst());
    }
    return tally.compared() > 0 ? "exact" : "ok";
  }

  /** A check of one operation passes or fails as a whole; the first of its failures are listed. */
  private void note(List<String> found) {
    if (found.isEmpty()) {
      passed++;
      return;
    }
    failed++;
    failures.addAll(found.subList(0, Math.min(MOST_LINES, found.size())));
    if (found.size() > MOST_LINES) {
      failures.add("  and %d more of this kind".formatted(found.size() - MOST_LINES));
    }
  }

  /** Prints what each check came to. */
  public void foot() {
    out.println();
    totals.forEach((check, total) -> {
      out.printf("%-15s", check.title());
      out.printf(" %,11d compared in %.1f s", total.compared, total.nanos / 1e9);
      if (!total.medians.isEmpty()) {
        out.printf(
            "; share of the bound: median %.3f, worst %.3f",
            Tally.median(total.medians.stream().mapToDouble(m -> m).toArray()), total.worst);
      }
      if (total.widest > 0) {
        out.printf("; widest bound %.1e of the value", total.widest);
      }
      out.println();
    });
    out.printf(
        "%-15s %d of %d noticed; %d more change nothing%n%n",
        "mutants", killed, faults, equivalent);
  }

  /** How many checks of an operation failed. */
  public int failed() {
    return failed;
  }

  /** How many passed. */
  public int passed() {
    return passed;
  }

  /** What failed, and how: a line each, of the first of each check. */
  public List<String> failures() {
    return failures;
  }
}
