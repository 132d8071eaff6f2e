package org.adjoint.backend.cpu;

/** What the gradients of gates are made of, on ranges of floats as in {@link Simd}. */
final class Gates {
  private static final Simd SIMD = Simd.best();

  private Gates() {}

  /** y = 1 − x. */
  static void oneMinus(float[] x, int xAt, float[] y, int yAt, int n) {
    SIMD.scale(-1, x, xAt, y, yAt, n);
    SIMD.addScalar(1, y, yAt, y, yAt, n);
  }

  /** y = 1 − x². */
  static void oneMinusSquare(float[] x, int xAt, float[] y, int yAt, int n) {
    SIMD.mul(x, xAt, x, xAt, y, yAt, n);
    oneMinus(y, yAt, y, yAt, n);
  }

  /** y = y ⊙ (1 − x), with {@code n} elements of {@code spare}. */
  static void timesOneMinus(
      float[] x, int xAt, float[] y, int yAt, float[] spare, int spareAt, int n) {
    oneMinus(x, xAt, spare, spareAt, n);
    SIMD.mul(y, yAt, spare, spareAt, y, yAt, n);
  }
}
