package org.adjoint.backend.cpu;

import static org.adjoint.backend.cpu.Simd.BLOCK;
import static org.adjoint.backend.cpu.Simd.PARTIALS;

/**
 * {@link RowMath} as plain loops, which also finish the last few elements for {@link VectorRows}.
 */
public final class ScalarRows implements RowMath {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public float max(float[] x, int xAt, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = x[xAt + i] > max ? x[xAt + i] : max;
    }
    return max;
  }

  @Override
  public double exp(float max, float[] x, int xAt, float[] y, int yAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      exp(max, x, xAt + from, y, yAt + from, 0, Math.min(BLOCK, n - from), partial);
      total += Simd.fold(partial);
    }
    return total;
  }

  /** Elements {@code from .. to − 1} of a block; each y is added to its partial sum. */
  static void exp(
      float max, float[] x, int xAt, float[] y, int yAt, int from, int to, float[] partial) {
    for (int i = from; i < to; i++) {
      float e = ScalarMath.exp(x[xAt + i] - max);
      y[yAt + i] = e;
      partial[i % PARTIALS] += e;
    }
  }

  @Override
  public void subTwice(float a, float b, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = x[xAt + i] - a - b;
    }
  }

  @Override
  public void softmaxGrad(
      float dot, float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    for (int i = 0; i < n; i++) {
      dx[dxAt + i] = (dy[dyAt + i] - dot) * y[yAt + i];
    }
  }
}
