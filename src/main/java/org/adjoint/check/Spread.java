package org.adjoint.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;

/**
 * Samples of a time, and what they come to.
 *
 * @param samples in seconds, in the order in which they were taken
 * @param settled whether the sampling stopped since the median is known, not at its cap
 */
public record Spread(List<Double> samples, boolean settled) {
  /** How narrow the interval of the median must be, beside it. */
  static final double NARROW = 0.005;

  private static final int LEAST = 20;
  private static final int MOST = 2000;

  /** How often it is looked whether the median is known. */
  private static final int LOOK = 10;

  /** Half the width of an interval of 95 %, in standard deviations of a normal distribution. */
  private static final double HALF = 1.96;

  /** Samples that do not change any more. */
  public Spread {
    samples = List.copyOf(samples);
  }

  /**
   * Takes samples until the interval of the median is narrower than 0.5 % of it; at least 20, and
   * at most 2,000 or for as long as {@code cap}.
   */
  public static Spread sample(DoubleSupplier next, Duration cap) {
    List<Double> samples = new ArrayList<>();
    long start = System.nanoTime();
    boolean settled = false;
    while (!settled
        && samples.size() < MOST
        && (samples.size() < LEAST || System.nanoTime() - start < cap.toNanos())) {
      samples.add(next.getAsDouble());
      settled =
          samples.size() >= LEAST
              && samples.size() % LOOK == 0
              && new Spread(samples, false).uncertainty() < NARROW;
    }
    return new Spread(samples, settled);
  }

  /** Number of samples. */
  public int n() {
    return samples.size();
  }

  /** The median, in seconds. */
  public double median() {
    return quantile(0.5);
  }

  /** The time, in seconds, below which that share of the samples lies. */
  public double quantile(double share) {
    return Quantiles.of(sorted(), share);
  }

  /**
   * The width of the {@link #interval} beside the median; infinite if there are too few samples.
   */
  public double uncertainty() {
    double[] ends = interval();
    return (ends[1] - ends[0]) / median();
  }

  /**
   * From which time to which the true median lies, with a probability of 95 %: from one sample to
   * another, whatever the distribution. Without end if there are too few.
   */
  public double[] interval() {
    double[] sorted = sorted();
    double half = HALF * Math.sqrt(sorted.length) / 2;
    int low = (int) Math.floor(sorted.length / 2.0 - half) - 1;
    int high = (int) Math.ceil(sorted.length / 2.0 + half);
    return low < 0 || high >= sorted.length
        ? new double[] {Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY}
        : new double[] {sorted[low], sorted[high]};
  }

  private double[] sorted() {
    double[] sorted = samples.stream().mapToDouble(x -> x).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  /** Median, p10 and p90 in microseconds, n, and why no more were taken. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.2f us (p10 %.2f, p90 %.2f, n %d, %s)",
        1e6 * median(),
        1e6 * quantile(0.1),
        1e6 * quantile(0.9),
        n(),
        settled
            ? "median within 0.5 %"
            : String.format(Locale.ROOT, "capped: median within %.1f %%", 100 * uncertainty()));
  }
}
