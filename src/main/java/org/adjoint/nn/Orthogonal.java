package org.adjoint.nn;

import org.adjoint.Philox;

/** Random orthonormal vectors. */
final class Orthogonal {
  private Orthogonal() {}

  /**
   * {@code count} orthonormal vectors of {@code length}, every direction as likely as the others:
   * normal draws made orthogonal by Gram and Schmidt. What is left of a vector is orthogonalised
   * twice, which is enough for full precision (Giraud, Langou, Rozložník, van den Eshof, Rounding
   * error analysis of the classical Gram-Schmidt orthogonalization process, 2005).
   */
  static double[][] draw(int count, int length, Philox random) {
    double[][] q = new double[count][length];
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < length; k++) {
        q[i][k] = random.nextGaussian();
      }
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < i; j++) {
          addScaled(q[i], -dot(q[i], q[j]), q[j]);
        }
      }
      double norm = Math.sqrt(dot(q[i], q[i]));
      for (int k = 0; k < length; k++) {
        q[i][k] /= norm;
      }
    }
    return q;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static void addScaled(double[] a, double factor, double[] b) {
    for (int k = 0; k < a.length; k++) {
      a[k] += factor * b[k];
    }
  }
}
