package org.adjoint.check;

import java.util.List;
import java.util.Locale;
import org.adjoint.DType;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.jspecify.annotations.Nullable;

/**
 * What {@link KernelTimer} found of a variant.
 *
 * @param op the operation's name
 * @param shapes of the inputs, as messages print them
 * @param bytes that must be moved at least
 * @param flop of one run
 * @param warm launches back to back, in seconds of one; null where there are no times
 * @param cold single launches, after the second-level cache was flushed
 * @param copy bytes that a copy within the device reads and writes in a second; 0 if not known
 * @param queued whether the warm launches were waited for: then their time is the host's
 * @param error the largest error, as a share of its bound
 * @param chosen whether this variant is the one that the operation takes by itself
 * @param change what the variant does otherwise than the step below it; may be empty
 * @param counts what an emulated GPU counted in one launch; null on a real one
 * @param failures of the checks before and after; where there are any, there is no time
 */
public record Timing(
    String op,
    String variant,
    DType dtype,
    String shapes,
    long bytes,
    double flop,
    @Nullable Spread warm,
    @Nullable Spread cold,
    double copy,
    boolean queued,
    double error,
    boolean chosen,
    String change,
    @Nullable Counts counts,
    List<Failure> failures) {
  /** Above this the ceiling, or the time, is wrong. */
  static final double MOST_OF_COPY = 1.03;

  /** Bytes that were due, in a second, beside those of a copy; NaN where there is no time. */
  public double shareOfCopy() {
    return cold == null || copy == 0 ? Double.NaN : bytes / cold.median() / copy;
  }

  /** Whether it may be believed: the checks held, and it is no faster than memory is. */
  public boolean holds() {
    return failures.isEmpty() && !(shareOfCopy() > MOST_OF_COPY);
  }

  /** A few lines for people. */
  @Override
  public String toString() {
    String head = String.format(Locale.ROOT, "%s, %s, %s %s: ", op, variant, dtype, shapes);
    if (!failures.isEmpty()) {
      return head
          + "no time, since it is wrong: "
          + failures.getFirst()
          + (failures.size() > 1 ? " and " + (failures.size() - 1) + " more" : "");
    }
    if (warm == null || cold == null) {
      return head + emulated();
    }
    return head
        + String.format(
            Locale.ROOT,
            "%.1f %% of a copy's %.0f GB/s%s%n  cold %s%n  warm %s%s",
            100 * shareOfCopy(),
            copy / 1e9,
            holds() ? "" : ", which cannot be: the time or the ceiling is wrong",
            cold,
            warm,
            queued ? ", waiting for launches" : "");
  }

  private String emulated() {
    Counts seen = counts;
    if (seen == null) {
      return "right; an emulated GPU's times would say nothing";
    }
    return String.format(
        Locale.ROOT,
        "right; an emulated GPU's times would say nothing, so counts:%n  loads %,d, stores %,d of"
            + " %,d compulsory bytes: %.3f times; moved %.3f times, in"
            + " sectors, and %.3f times with what blocks share in their cache",
        seen.loaded(),
        seen.stored(),
        bytes,
        (seen.loaded() + seen.stored()) / (double) bytes,
        seen.moved() / (double) bytes,
        seen.cached() / (double) bytes);
  }
}
