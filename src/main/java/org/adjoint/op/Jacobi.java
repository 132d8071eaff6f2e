package org.adjoint.op;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Jacobi's method: plane rotations, each of which makes one pair of directions orthogonal, until
 * all are (Golub and Van Loan, Matrix Computations, 4th edition, sections 8.5 and 8.6). It is
 * slower than methods that go by a tridiagonal matrix, but short, and as accurate as any.
 */
final class Jacobi {
  private static final int SWEEPS = 60;

  /** A direction's sign is taken from the first component that is as large as any, but for this. */
  private static final double AS_LARGE = 1 - 0x1p-20;

  private Jacobi() {}

  /** A rotation by the angle whose tangent is the smaller root of t² + 2τt − 1. */
  private record Rotation(double cos, double sin) {
    static Rotation of(double tau) {
      double t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + StrictMath.sqrt(1 + tau * tau));
      double cos = 1 / StrictMath.sqrt(1 + t * t);
      return new Rotation(cos, t * cos);
    }

    /** Rotates n pairs of elements, {@code step} apart, from {@code p} and from {@code q} on. */
    void apply(double[] x, int p, int q, int n, int step) {
      for (int i = 0; i < n * step; i += step) {
        double a = x[p + i];
        double b = x[q + i];
        x[p + i] = cos * a - sin * b;
        x[q + i] = sin * a + cos * b;
      }
    }
  }

  /**
   * a = Σ w[k]·v[k]·v[k]ᵀ for a symmetric matrix.
   *
   * @param a [n, n], overwritten
   * @param w [n], receives the eigenvalues, largest first
   * @param v [n, n], receives the eigenvectors as rows
   */
  static void eigen(double[] a, int n, double[] w, double[] v) {
    double max = maxAbs(a);
    if (!Double.isFinite(max)) {
      fillNaN(w, v);
      return;
    }
    double[] rows = identity(n);
    boolean rotated = true;
    for (int sweep = 0; sweep < SWEEPS && rotated; sweep++) {
      rotated = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double apq = a[p * n + q];
          if (Math.abs(apq) <= 0x1p-70 * max) {
            continue;
          }
          Rotation r = Rotation.of((a[q * n + q] - a[p * n + p]) / (2 * apq));
          r.apply(a, p * n, q * n, n, 1);
          r.apply(a, p, q, n, n);
          r.apply(rows, p * n, q * n, n, 1);
          a[p * n + q] = 0;
          a[q * n + p] = 0;
          rotated = true;
        }
      }
    }
    double[] diagonal = IntStream.range(0, n).mapToDouble(i -> a[i * n + i]).toArray();
    int[] order = descending(diagonal);
    for (int k = 0; k < n; k++) {
      w[k] = diagonal[order[k]];
      System.arraycopy(rows, order[k] * n, v, k * n, n);
    }
    fixSigns(v, n, new double[0], 0, n);
  }

  /**
   * a = Σ s[k]·u[k]·v[k]ᵀ by rotating a's columns until they are orthogonal: their lengths are then
   * the singular values (Hestenes, 1958).
   *
   * @param a [n, m], the columns of an m × n matrix, m ≥ n, as rows; overwritten
   * @param u [n, m], receives the left singular vectors as rows, of either sign
   * @param s [n], receives the singular values, largest first
   * @param v [n, n], receives the right singular vectors as rows
   */
  static void svd(double[] a, int m, int n, double[] u, double[] s, double[] v) {
    double max = maxAbs(a);
    if (!Double.isFinite(max)) {
      fillNaN(u, s, v);
      return;
    }
    double scale = max == 0 ? 1 : max; // squares neither overflow nor vanish
    for (int i = 0; i < a.length; i++) {
      a[i] /= scale;
    }
    double[] g = m > n ? Householder.triangle(a, m, n) : a;
    double[] rows = identity(n);
    boolean rotated = true;
    for (int sweep = 0; sweep < SWEEPS && rotated; sweep++) {
      rotated = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double pp = dot(g, p * n, g, p * n, n);
          double qq = dot(g, q * n, g, q * n, n);
          double pq = dot(g, p * n, g, q * n, n);
          if (Math.abs(pq) <= 0x1p-52 * StrictMath.sqrt(pp) * StrictMath.sqrt(qq)) {
            continue;
          }
          Rotation r = Rotation.of((qq - pp) / (2 * pq));
          r.apply(g, p * n, q * n, n, 1);
          r.apply(rows, p * n, q * n, n, 1);
          rotated = true;
        }
      }
    }
    double[] lengths =
        IntStream.range(0, n)
            .mapToDouble(k -> StrictMath.sqrt(dot(g, k * n, g, k * n, n)))
            .toArray();
    int[] order = descending(lengths);
    for (int k = 0; k < n; k++) {
      double length = lengths[order[k]];
      s[k] = length * scale;
      System.arraycopy(rows, order[k] * n, v, k * n, n);
      Arrays.fill(u, k * m, (k + 1) * m, 0);
      for (int i = 0; i < n && length > 0; i++) {
        u[k * m + i] = g[order[k] * n + i] / length;
      }
      // Of a column that was nothing but what rounding left of larger ones, nothing remains.
      if (length == 0 || orthogonalise(u, k, m, n) < 0.5) {
        complete(u, k, m, n);
      }
    }
    if (m > n) {
      Householder.reflect(a, m, n, u);
    }
  }

  /** Makes row k of u, within its first n components, a unit vector orthogonal to those before. */
  private static void complete(double[] u, int k, int m, int n) {
    double[] covered = new double[n];
    for (int j = 0; j < k; j++) {
      for (int i = 0; i < n; i++) {
        covered[i] += u[j * m + i] * u[j * m + i];
      }
    }
    int least = 0;
    for (int i = 1; i < n; i++) {
      least = covered[i] < covered[least] ? i : least;
    }
    Arrays.fill(u, k * m, k * m + n, 0);
    u[k * m + least] = 1;
    orthogonalise(u, k, m, n);
  }

  /**
   * Takes away from row k of u what it shares with the rows before, and makes it a unit vector.
   *
   * @return how long it was without that
   */
  private static double orthogonalise(double[] u, int k, int m, int n) {
    for (int pass = 0; pass < 2; pass++) { // the second one removes what rounding left
      for (int j = 0; j < k; j++) {
        double along = dot(u, k * m, u, j * m, n);
        for (int i = 0; i < n; i++) {
          u[k * m + i] -= along * u[j * m + i];
        }
      }
    }
    double length = StrictMath.sqrt(dot(u, k * m, u, k * m, n));
    for (int i = 0; i < n; i++) {
      u[k * m + i] /= length;
    }
    return length;
  }

  /**
   * Makes the largest component of each of the k rows of v positive, the first of those equally
   * large; where it changes a row's sign, it changes that of the same row of u, too.
   */
  static void fixSigns(double[] v, int n, double[] u, int m, int k) {
    for (int j = 0; j < k; j++) {
      if (sign(v, j * n, n) < 0) {
        negate(v, j * n, n);
        negate(u, j * m, m);
      }
    }
  }

  private static void negate(double[] x, int from, int n) {
    for (int i = from; i < from + n; i++) {
      x[i] = -x[i];
    }
  }

  private static double sign(double[] x, int from, int n) {
    double max = 0;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, Math.abs(x[from + i]));
    }
    for (int i = 0; i < n; i++) {
      if (Math.abs(x[from + i]) >= AS_LARGE * max) {
        return x[from + i] < 0 ? -1 : 1;
      }
    }
    return 1;
  }

  private static int[] descending(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -values[i]))
        .mapToInt(i -> i)
        .toArray();
  }

  static double dot(double[] x, int p, double[] y, int q, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += x[p + i] * y[q + i];
    }
    return sum;
  }

  private static double[] identity(int n) {
    double[] e = new double[n * n];
    for (int i = 0; i < n; i++) {
      e[i * n + i] = 1;
    }
    return e;
  }

  /** The largest absolute value; NaN if there is one. */
  private static double maxAbs(double[] x) {
    return Arrays.stream(x).map(Math::abs).reduce(0, Math::max);
  }

  private static void fillNaN(double[]... arrays) {
    for (double[] array : arrays) {
      Arrays.fill(array, Double.NaN);
    }
  }
}
