package org.adjoint.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.adjoint.Span;
import org.adjoint.Span.Part;
import org.jspecify.annotations.Nullable;

/** A profile as text: a line for each row, of one step on average. */
final class Table {
  /** Rows that take less than this are one. */
  private static final double LEAST_SHARE = 0.005;

  private final Profile profile;
  private final @Nullable Ceilings ceilings;
  private final int steps;
  private final StringBuilder text = new StringBuilder();

  Table(Profile profile, @Nullable Ceilings ceilings) {
    this.profile = profile;
    this.ceilings = ceilings;
    steps = profile.steps().size();
    head();
    List<Row> small = new ArrayList<>();
    double all = profile.nanos();
    Row total = null;
    List<Row> rows = profile.rows(ceilings);
    int width = Math.max(20, rows.stream().mapToInt(row -> row.name().length()).max().orElse(0));
    line(
        "%-9s %-" + width + "s %6s %9s %6s %9s %9s",
        "part",
        "operation",
        "calls",
        "ms",
        "%",
        "MB",
        "MFLOP");
    rates("%8s %9s %9s", "GB/s", "GFLOP/s", "roofline");
    for (Row row : rows) {
      total = total == null ? row : total.plus(row);
      if (row.nanos() < LEAST_SHARE * all && row.part() != Part.STEP) {
        small.add(row);
      } else {
        row(width, word(row.part()), row.name(), row);
      }
    }
    small.stream()
        .reduce(Row::plus)
        .ifPresent(row -> row(width, "", small.size() + " others", row));
    if (total != null) {
      row(width, "", "all of it", total);
    }
    text.append('\n');
    foot();
  }

  private void head() {
    List<Span> whole = profile.steps();
    if (whole.isEmpty()) {
      return;
    }
    double median = median(whole.stream().mapToLong(Span::nanos).toArray());
    line("%s", whole.getFirst().name());
    if (steps > 1) {
      line(" to %s, each", whole.getLast().name());
    }
    line(": %.3f ms", median * 1e-6);
    if (!Double.isNaN(profile.usual())) {
      line(
          "; others, of which nothing is noted: %.3f ms (medians, %+.1f %%)",
          profile.usual() * 1e3, 100 * (median * 1e-9 / profile.usual() - 1));
    }
    if (profile.isCutShort()) {
      text.append("; cut short: there was more than a profile holds");
    }
    text.append('\n');
    if (profile.isEmulated()) {
      text.append("The GPU is an emulated one: times are the host's, and say nothing of a GPU.\n");
    }
  }

  private void foot() {
    Ceilings top = ceilings;
    if (top != null) {
      line(
          "Of a step, on average. Ceilings of %s, measured just now: memory %.1f GB/s, F32 products"
              + " %.1f GFLOP/s.%n"
              + "Roofline: the time that MB and MFLOP take at these, as a share of the time taken;"
              + " above 100 %%, a cache had the operands.%n",
          profile.device(), top.bytesPerSecond() * 1e-9, top.flopPerSecond() * 1e-9);
    }
  }

  private static double median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
  }

  private static String word(Part part) {
    return part == Part.STEP ? "" : part.name().toLowerCase(Locale.ROOT);
  }

  private void row(int width, String part, String name, Row row) {
    text.append('\n');
    line(
        "%-9s %-" + width + "s %6s %9.3f %6.1f %9s %9s",
        part,
        name,
        row.calls() == 0
            ? ""
            : number(row.calls() / (double) steps, row.calls() % steps == 0 ? 0 : 1),
        row.nanos() * 1e-6 / steps,
        100.0 * row.nanos() / Math.max(1, profile.nanos()),
        row.bytes() == 0 ? "" : number(row.bytes() * 1e-6 / steps, 3),
        row.flop() == 0 ? "" : number(row.flop() * 1e-6 / steps, 3));
    rates(
        "%8s %9s %9s",
        number(row.bytesPerSecond() * 1e-9, 2),
        number(row.flopPerSecond() * 1e-9, 2),
        Double.isNaN(row.roofline()) ? "" : number(100 * row.roofline(), 1) + " %");
  }

  /** The columns that only times of the device itself make sense of. */
  @SuppressWarnings("AnnotateFormatMethod")
  private void rates(String format, String... columns) {
    if (ceilings != null) {
      text.append(' ');
      line(format, (Object[]) columns);
    }
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  @SuppressWarnings("AnnotateFormatMethod") // that would take one more library
  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  @Override
  public String toString() {
    return text.toString().replaceAll(" +\\R", "\n");
  }
}
