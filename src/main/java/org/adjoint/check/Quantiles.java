package org.adjoint.check;

/** Quantiles of sorted numbers, linear between neighbours (type 7 of Hyndman and Fan). */
public final class Quantiles {
  private Quantiles() {}

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
