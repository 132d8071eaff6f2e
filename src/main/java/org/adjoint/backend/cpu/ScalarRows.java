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

  @Override
  public double squares(float mean, float[] x, int xAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      squares(mean, x, xAt + from, 0, Math.min(BLOCK, n - from), partial);
      total += Simd.fold(partial);
    }
    return total;
  }

  /** Elements {@code from .. to − 1} of a block. */
  static void squares(float mean, float[] x, int xAt, int from, int to, float[] partial) {
    for (int i = from; i < to; i++) {
      float d = x[xAt + i] - mean;
      partial[i % PARTIALS] = Math.fma(d, d, partial[i % PARTIALS]);
    }
  }

  @Override
  public void normalise(
      float mean,
      float r,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Math.fma((x[xAt + i] - mean) * r, w[wAt + i], b[bAt + i]);
    }
  }

  @Override
  public void normSums(
      float mean,
      float r,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] dy,
      int dyAt,
      float[] dw,
      float[] db,
      double[] sums,
      int n) {
    sums[0] = 0;
    sums[1] = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] h = new float[PARTIALS];
      float[] hx = new float[PARTIALS];
      int to = Math.min(n, from + BLOCK);
      normSums(mean, r, x, xAt, w, wAt, dy, dyAt, dw, db, from, to, h, hx);
      sums[0] += Simd.fold(h);
      sums[1] += Simd.fold(hx);
    }
  }

  /** Elements {@code from .. to − 1} of a row, where {@code from} is a multiple of 64. */
  static void normSums(
      float mean,
      float r,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] dy,
      int dyAt,
      float[] dw,
      float[] db,
      int from,
      int to,
      float[] h,
      float[] hx) {
    for (int i = from; i < to; i++) {
      float unit = (x[xAt + i] - mean) * r;
      float d = dy[dyAt + i];
      dw[i] = Math.fma(d, unit, dw[i]);
      db[i] += d;
      d *= w[wAt + i];
      h[i % PARTIALS] += d;
      hx[i % PARTIALS] = Math.fma(d, unit, hx[i % PARTIALS]);
    }
  }

  @Override
  public void normGrad(
      float mean,
      float r,
      float level,
      float slope,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] dy,
      int dyAt,
      float[] dx,
      int dxAt,
      int n) {
    for (int i = 0; i < n; i++) {
      float unit = (x[xAt + i] - mean) * r;
      float h = dy[dyAt + i] * w[wAt + i];
      dx[dxAt + i] = r * Math.fma(-slope, unit, h - level);
    }
  }
}
