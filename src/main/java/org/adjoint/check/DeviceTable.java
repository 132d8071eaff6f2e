package org.adjoint.check;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.adjoint.DType;

/** What {@link DeviceCheck} found as a table: a row per variant of each operation. */
public final class DeviceTable {
  private static final int MOST_LINES = 5;

  private final PrintWriter out;
  private final List<String> failures = new ArrayList<>();
  private int passed;
  private int failed;
  private int skipped;

  /** A table that is printed there. */
  public DeviceTable(PrintWriter out) {
    this.out = out;
  }

  /** Prints the head of the table. */
  public void head() {
    out.printf(
        "%-20s %-10s %9s  %14s  %-34s%n", "operation", "variant", "compared", "shares", "dtypes");
  }

  /** Prints what came of a variant. */
  public void row(DeviceCheck.Outcome outcome) {
    Tally tally = outcome.tally();
    if (tally == null) {
      skipped++;
      out.printf("%-20s SKIP: %s%n", outcome.op(), outcome.skipped());
      return;
    }
    boolean good = tally.failures().isEmpty();
    out.printf(
        "%-20s %-10s %,9d  %6.3f, %6.3f  %-34s%s%n",
        outcome.op(),
        outcome.variant(),
        tally.compared(),
        tally.median(),
        tally.worst(),
        outcome.dtypes().stream().map(DType::name).collect(Collectors.joining(" ")),
        good ? "" : " FAIL");
    out.flush();
    passed += good ? 1 : 0;
    failed += good ? 0 : 1;
    List<Failure> all = tally.failures();
    all.stream().limit(MOST_LINES).map(Failure::toString).forEach(failures::add);
    if (all.size() > MOST_LINES) {
      failures.add(
          "%s, %s: and %d more"
              .formatted(outcome.op(), outcome.variant(), all.size() - MOST_LINES));
    }
  }

  /** What failed, and how many did, in a line that begins with {@code device}. */
  public boolean foot(String device) {
    failures.forEach(out::println);
    out.printf("%s: %d passed, %d failed, %d skipped%n", device, passed, failed, skipped);
    out.flush();
    return failed == 0;
  }
}
