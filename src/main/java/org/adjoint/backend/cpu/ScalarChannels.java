package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.cpu.NormMath.Sums;

/**
 * {@link ChannelMath} as plain loops, which also finish what {@link VectorChannels} leaves over.
 */
public final class ScalarChannels implements ChannelMath {
  @Override
  public String name() {
    return "scalar";
  }

  private static float scaled(Factors f, int c, float x) {
    return Math.fma(x - f.shift[c] - f.off[c], f.by[c], f.rest[c]);
  }

  private static float combined(Factors f, int c, float x, float dy) {
    float d = x - f.shift[c] - f.off[c];
    float h = Math.fma(-f.slope[c], d, dy - f.level[c]);
    return Math.fma(f.by[c], h, Math.fma(f.tilt[c], d, f.rest[c]));
  }

  @Override
  public void scale(Factors f, int c, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = scaled(f, c, x[xAt + i]);
    }
  }

  @Override
  public void products(float shift, float[] x, int xAt, float[] dy, int dyAt, Sums sums, int n) {
    sums.clear();
    for (int from = 0; from < n; from += NormMath.BLOCK) {
      Arrays.fill(sums.p, 0);
      Arrays.fill(sums.q, 0);
      addProducts(shift, x, xAt, dy, dyAt, sums, from, Math.min(n, from + NormMath.BLOCK));
      sums.fold();
    }
  }

  /** Of elements {@code from .. to − 1} of a run. */
  static void addProducts(
      float shift, float[] x, int xAt, float[] dy, int dyAt, Sums sums, int from, int to) {
    for (int i = from; i < to; i++) {
      int lane = i % NormMath.LANES;
      sums.p[lane] += dy[dyAt + i];
      sums.q[lane] = Math.fma(dy[dyAt + i], x[xAt + i] - shift, sums.q[lane]);
    }
  }

  @Override
  public void combine(
      Factors f, int c, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    for (int i = 0; i < n; i++) {
      dx[dxAt + i] = combined(f, c, x[xAt + i], dy[dyAt + i]);
    }
  }

  @Override
  public void columnMoments(
      float[] shift,
      int c,
      float[] x,
      int xAt,
      int stride,
      int rows,
      float[] sums,
      float[] squares,
      int n) {
    columnMoments(shift, c, x, xAt, stride, rows, sums, squares, 0, n);
  }

  /** Of columns {@code from .. to − 1}. */
  static void columnMoments(
      float[] shift,
      int c,
      float[] x,
      int xAt,
      int stride,
      int rows,
      float[] sums,
      float[] squares,
      int from,
      int to) {
    for (int j = from; j < to; j++) {
      float sum = 0;
      float square = 0;
      for (int k = 0; k < rows; k++) {
        float d = x[xAt + k * stride + j] - shift[c + j];
        sum += d;
        square = Math.fma(d, d, square);
      }
      sums[j] = sum;
      squares[j] = square;
    }
  }

  @Override
  public void scaleColumns(Factors f, int c, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int j = 0; j < n; j++) {
      y[yAt + j] = scaled(f, c + j, x[xAt + j]);
    }
  }

  @Override
  public void columnProducts(
      float[] shift,
      int c,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      int stride,
      int rows,
      float[] sums,
      float[] dots,
      int n) {
    columnProducts(shift, c, x, xAt, dy, dyAt, stride, rows, sums, dots, 0, n);
  }

  static void columnProducts(
      float[] shift,
      int c,
      float[] x,
      int xAt,
      float[] dy,
      int dyAt,
      int stride,
      int rows,
      float[] sums,
      float[] dots,
      int from,
      int to) {
    for (int j = from; j < to; j++) {
      float sum = 0;
      float dot = 0;
      for (int k = 0; k < rows; k++) {
        float d = dy[dyAt + k * stride + j];
        sum += d;
        dot = Math.fma(d, x[xAt + k * stride + j] - shift[c + j], dot);
      }
      sums[j] = sum;
      dots[j] = dot;
    }
  }

  @Override
  public void combineColumns(
      Factors f, int c, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    for (int j = 0; j < n; j++) {
      dx[dxAt + j] = combined(f, c + j, x[xAt + j], dy[dyAt + j]);
    }
  }
}
