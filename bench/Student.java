package org.adjoint.bench;

import java.util.Arrays;

/**
 * How far the mean of a few values can be trusted, by Student's t.
 *
 * <p>Of five values a bootstrap draws too narrow an interval; this one is as wide as so few
 * deserve.
 */
public final class Student {
  /** Of n values, at n − 2: what t exceeds 2.5 times in 100. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093
  };

  /** No more values than this. */
  public static final int MOST = T.length + 1;

  private Student() {}

  /**
   * The 95 % interval of the mean of what {@code values} are samples of.
   *
   * @throws IllegalArgumentException if there are fewer than two values, or more than {@link #MOST}
   */
  public static Interval mean(double... values) {
    int n = values.length;
    if (n < 2 || n > MOST) {
      throw new IllegalArgumentException("from 2 to " + MOST + " values, found " + n);
    }
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(x -> (x - mean) * (x - mean)).sum();
    double half = T[n - 2] * Math.sqrt(squares / (n - 1) / n);
    return new Interval(mean - half, mean + half);
  }
}
