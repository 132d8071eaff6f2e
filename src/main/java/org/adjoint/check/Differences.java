package org.adjoint.check;

import java.util.function.UnaryOperator;

/**
 * Derivatives from values alone, each with a bound on its error.
 *
 * <p>For f: Rⁿ → Rᵐ, the derivative of w·f along v at x is the limit of the central differences
 *
 * <pre>D(t) = w·(f(x + t·v) − f(x − t·v)) / 2t = derivative + c₂t² + c₄t⁴ + …</pre>
 *
 * <p>Richardson's extrapolation (The deferred approach to the limit, 1927) removes a power of t² at
 * a time from D(h), D(2h), D(4h), D(8h). The last value gained is the result; how much the last
 * power mattered bounds what the next, smaller one still would.
 *
 * <p>The other error is that of rounding within f, which h divides. It needs no analysis of f: it
 * is measured. Over a tiny stretch a smooth function is a straight line, whose fourth differences
 * vanish; what is left of them is noise, with 70 times its variance (Moré and Wild, Estimating
 * computational noise, 2011).
 */
final class Differences {
  /** A number that is off by at most {@code bound}. */
  record Derivative(double value, double bound) {}

  // So small that the powers left over vanish beside the noise, and no smaller: it divides that.
  private static final double STEP = 0x1p-10;
  private static final int STEPS = 4;

  // The stretch on which the noise is measured.
  private static final double TINY = 0x1p-34;
  private static final int SAMPLES = 16;

  // The result's noise is normal, with 1.03/h times the deviation of f's own: 1.445, the weight of
  // D(h) in the result, divided by √2. Eight deviations leave room for the error in measuring it.
  private static final double DEVIATIONS = 8;

  private static final double ROUNDOFF = 0x1p-53;

  private final UnaryOperator<double[]> f;
  private final double[] x;
  private final double[] w;
  private final double magnitude;

  /**
   * The differences of w·f around x. Elements of x, and of every v, shall have so few binary digits
   * that x + t·v is exact: then f is evaluated where D(t) says.
   */
  Differences(UnaryOperator<double[]> f, double[] x, double[] w) {
    this.f = f;
    this.x = x;
    this.w = w;
    double[] y = f.apply(x);
    double squares = 0;
    for (int i = 0; i < y.length; i++) {
      squares += w[i] * y[i] * w[i] * y[i];
    }
    magnitude = Math.sqrt(squares);
  }

  /** The Euclidean norm of w ⊙ f(x). */
  double magnitude() {
    return magnitude;
  }

  /** The derivative along {@code v}. */
  Derivative along(double[] v) {
    double[] column = new double[STEPS];
    for (int k = 0; k < STEPS; k++) {
      double t = STEP * (1 << k);
      column[k] = dot(at(v, t), at(v, -t)) / (2 * t);
    }
    double last = column[0];
    double power = 1;
    for (int left = STEPS - 1; left > 0; left--) {
      last = column[0];
      power *= 4;
      for (int k = 0; k < left; k++) {
        column[k] += (column[k] - column[k + 1]) / (power - 1);
      }
    }
    double truncation = Math.abs(column[0] - last);
    double rounding = DEVIATIONS * (noise(v) / STEP + ROUNDOFF * Math.abs(column[0]));
    return new Derivative(column[0], truncation + rounding);
  }

  /** The standard deviation of the rounding errors in w·f near x. */
  private double noise(double[] v) {
    double[][] y = new double[SAMPLES][];
    for (int k = 0; k < SAMPLES; k++) {
      y[k] = at(v, k * TINY);
    }
    double squares = 0;
    for (int k = 0; k + 4 < SAMPLES; k++) {
      double fourth = 0;
      for (int i = 0; i < w.length; i++) {
        // The inner differences are of neighbours, and so exact.
        double ends = (y[k][i] - y[k + 1][i]) - (y[k + 3][i] - y[k + 4][i]);
        double middle = (y[k + 1][i] - y[k + 2][i]) - (y[k + 2][i] - y[k + 3][i]);
        fourth += w[i] * (ends - 3 * middle);
      }
      squares += fourth * fourth;
    }
    double measured = Math.sqrt(squares / (SAMPLES - 4) / 70);
    // Where f happens to be exact on the stretch, it still rounds its results elsewhere.
    return Math.max(measured, ROUNDOFF * magnitude);
  }

  private double[] at(double[] v, double t) {
    double[] moved = x.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += t * v[i];
    }
    return f.apply(moved);
  }

  /** w·(a − b). */
  private double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += w[i] * (a[i] - b[i]);
    }
    return sum;
  }
}
