package org.adjoint.samples.common;

/** A line of a chart: its name in the legend, and its points. */
public record Series(String name, double[] x, double[] y) {
  /** Refuses a line without a point, and one whose coordinates do not pair up. */
  public Series {
    if (x.length != y.length || x.length == 0) {
      throw new IllegalArgumentException(
          "series %s: %d x and %d y, expected as many of both, and one at least"
              .formatted(name, x.length, y.length));
    }
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
