package org.adjoint.samples.common;

/**
 * A line of a chart, or a swarm of points.
 *
 * @param name what the legend calls it
 * @param joined whether a line goes from point to point
 */
public record Series(String name, double[] x, double[] y, boolean joined) {
  /** Refuses a line without a point, and one whose coordinates do not pair up. */
  public Series {
    if (x.length != y.length || x.length == 0) {
      throw new IllegalArgumentException(
          "series %s: %d x and %d y, expected as many of both, and one at least"
              .formatted(name, x.length, y.length));
    }
  }

  /** A line. */
  public Series(String name, double[] x, double[] y) {
    this(name, x, y, true);
  }

  /** Points that no line joins. */
  public static Series points(String name, double[] x, double[] y) {
    return new Series(name, x, y, false);
  }

  /** Values at x = 1, 2, 3, …: one an epoch, say. */
  public static Series counted(String name, double... y) {
    double[] x = new double[y.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i + 1;
    }
    return new Series(name, x, y);
  }
}
