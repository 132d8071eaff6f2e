package org.adjoint.bench;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.adjoint.check.Quantiles;

/**
 * How far a ratio of two medians, or means, can be trusted: both sets of samples are drawn anew,
 * with replacement, many times, and the middle 95 % of the ratios so found is the interval.
 *
 * <p>The draws start from a fixed seed, so the same samples give the same interval.
 */
public final class Bootstrap {
  private static final int ROUNDS = 2000;
  private static final long SEED = 0x5EED;

  private Bootstrap() {}

  /** Where the median of {@code values} lies. */
  public static Interval median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    var random = new SplittableRandom(SEED);
    double[] medians = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      medians[round] = median(sorted, draw(sorted.length, random));
    }
    Arrays.sort(medians);
    return new Interval(Quantiles.of(medians, 0.025), Quantiles.of(medians, 0.975));
  }

  /**
   * A number that sums up samples, of which {@code sorted[i]} was drawn {@code counts[i]} times.
   */
  interface Statistic {
    double of(double[] sorted, int[] counts);
  }

  /** new / old. */
  static Interval ratio(double[] old, double[] now, Statistic statistic) {
    double[] a = old.clone();
    double[] b = now.clone();
    Arrays.sort(a);
    Arrays.sort(b);
    var random = new SplittableRandom(SEED);
    double[] ratios = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      double divisor = statistic.of(a, draw(a.length, random));
      ratios[round] = statistic.of(b, draw(b.length, random)) / divisor;
    }
    Arrays.sort(ratios);
    return new Interval(Quantiles.of(ratios, 0.025), Quantiles.of(ratios, 0.975));
  }

  private static int[] draw(int n, SplittableRandom random) {
    int[] counts = new int[n];
    for (int i = 0; i < n; i++) {
      counts[random.nextInt(n)]++;
    }
    return counts;
  }

  static double median(double[] sorted, int[] counts) {
    int n = sorted.length;
    return (at((n - 1) / 2, sorted, counts) + at(n / 2, sorted, counts)) / 2;
  }

  static double mean(double[] sorted, int[] counts) {
    double sum = 0;
    for (int i = 0; i < sorted.length; i++) {
      sum += counts[i] * sorted[i];
    }
    return sum / sorted.length;
  }

  /** The draw that has {@code rank} smaller or equal ones before it. */
  private static double at(int rank, double[] sorted, int[] counts) {
    int i = 0;
    for (int left = rank; left >= counts[i]; i++) {
      left -= counts[i];
    }
    return sorted[i];
  }
}
