package org.adjoint.bench;

import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.adjoint.bench.Compare.Pair;

/** Pairs of rows, a line each as they come, and how many there are of each verdict. */
public final class PairTable {
  private final PrintWriter out;
  private final int width;
  private final Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
  private boolean empty = true;

  /** Begins a table of what {@code labels} name. */
  public PairTable(PrintWriter out, List<?> labels) {
    this.out = out;
    width = labels.stream().mapToInt(label -> label.toString().length()).max().orElse(1);
  }

  /** Prints a pair. */
  public void add(Pair pair) {
    add(pair, pair.key().toString(), "");
  }

  /** Prints a pair by a name that is told from others without variant and shape. */
  public void add(Pair pair, String label, String remark) {
    empty = false;
    if (pair.verdict() != null) {
      counts.merge(pair.verdict(), 1, Integer::sum);
    }
    String line =
        String.format(
            Locale.ROOT,
            "%-" + width + "s  %9.4g → %9.4g %-4s  %.3f  %-14s  %-7s  %s",
            label,
            pair.old().median(),
            pair.now().median(),
            pair.old().unit(),
            pair.ratio(),
            Objects.requireNonNullElse(pair.interval(), ""),
            Objects.requireNonNullElse(pair.verdict(), ""),
            remark);
    out.println(line.stripTrailing());
    out.flush();
  }

  /** Prints how many pairs got which verdict, if there were any pairs. */
  public void sum() {
    if (!empty) {
      out.printf(
          Locale.ROOT,
          "%d same, %d faster, %d slower, %d unclear%n",
          count(Verdict.SAME),
          count(Verdict.FASTER),
          count(Verdict.SLOWER),
          count(Verdict.UNCLEAR));
    }
  }

  private int count(Verdict verdict) {
    return counts.getOrDefault(verdict, 0);
  }
}
