package org.adjoint.check;

import java.util.stream.DoubleStream;

/** Quantiles of sorted numbers, linear between neighbours (type 7 of Hyndman and Fan). */
public final class Quantiles {
  private Quantiles() {}

  /** The median of those of some numbers that are finite; NaN if none is. */
  public static double median(DoubleStream numbers) {
    double[] known = numbers.filter(Double::isFinite).sorted().toArray();
    return known.length == 0 ? Double.NaN : of(known, 0.5);
  }

  /** The number below which that share of them lies. */
  public static double of(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    if (below + 1 >= sorted.length) {
      return sorted[sorted.length - 1];
    }
    double weight = place - below;
    // Exact where the neighbours are equal, and at a weight of 0.
    return sorted[below] + weight * (sorted[below + 1] - sorted[below]);
  }
}
