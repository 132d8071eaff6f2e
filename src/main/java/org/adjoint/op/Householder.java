package org.adjoint.op;

/**
 * Reflections that bring a tall matrix into triangular form: a = Q·R (Golub and Van Loan, Matrix
 * Computations, 4th edition, section 5.2). Matrices are held by columns, as rows of an array.
 */
final class Householder {
  private Householder() {}

  /**
   * Factors a matrix of m ≥ n rows.
   *
   * @param a [n, m], the columns; receives the n reflectors h, each of length √2 or 0, with zeros
   *     above: reflection is x − h·(h·x)
   * @return the columns of R, [n, n]
   */
  static double[] triangle(double[] a, int m, int n) {
    double[] r = new double[n * n];
    for (int k = 0; k < n; k++) {
      int at = k * m + k;
      double length = StrictMath.sqrt(Jacobi.dot(a, at, a, at, m - k));
      double end = a[at] > 0 ? -length : length; // away from a[at], so that nothing cancels
      for (int i = 0; i < k; i++) {
        r[k * n + i] = a[k * m + i];
        a[k * m + i] = 0;
      }
      r[k * n + k] = end;
      if (length == 0) {
        continue;
      }
      double first = a[at] - end;
      a[at] = first;
      double norm = StrictMath.sqrt(length * Math.abs(first)); // |h|² = 2·length·|first|
      for (int i = 0; i < m - k; i++) {
        a[at + i] /= norm;
      }
      for (int j = k + 1; j < n; j++) {
        reflect(a, k * m, a, j * m, m);
      }
    }
    return r;
  }

  /** x ← Q·x for each row of {@code x} [n, m], with the reflectors of {@link #triangle}. */
  static void reflect(double[] reflectors, int m, int n, double[] x) {
    for (int j = 0; j < n; j++) {
      for (int k = n - 1; k >= 0; k--) {
        reflect(reflectors, k * m, x, j * m, m);
      }
    }
  }

  private static void reflect(double[] h, int p, double[] x, int q, int m) {
    double along = Jacobi.dot(h, p, x, q, m);
    for (int i = 0; i < m; i++) {
      x[q + i] -= along * h[p + i];
    }
  }
}
