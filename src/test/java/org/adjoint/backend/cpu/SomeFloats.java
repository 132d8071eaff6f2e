package org.adjoint.backend.cpu;

/** Numbers for tests that compare implementations to the bit. */
final class SomeFloats {
  private SomeFloats() {}

  /** At least {@code n} numbers from −7 to about 7.3, with room for operands that begin later. */
  static float[] of(int n, int seed) {
    float[] x = new float[n + 9];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 + seed * 11) % 101 / 7f - 7;
    }
    return x;
  }
}
