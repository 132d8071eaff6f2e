package org.adjoint.backend.cpu;

import java.util.Arrays;

/**
 * {@link Simd} as plain loops: what each operation means. Runs on every JVM, and finishes the last
 * few elements for {@link VectorSimd}. The loops are written so that HotSpot can vectorise them.
 */
public final class ScalarSimd implements Simd {
  private static final int ROWS = 6;
  private static final int COLUMNS = 32;

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int lanes() {
    return 1;
  }

  @Override
  public void add(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = a[aAt + i] + b[bAt + i];
    }
  }

  @Override
  public void sub(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = a[aAt + i] - b[bAt + i];
    }
  }

  @Override
  public void mul(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = a[aAt + i] * b[bAt + i];
    }
  }

  @Override
  public void div(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = a[aAt + i] / b[bAt + i];
    }
  }

  @Override
  public void axpy(float s, float[] x, int xAt, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = Math.fma(s, x[xAt + i], y[yAt + i]);
    }
  }

  @Override
  public void scale(float s, float[] x, int xAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = s * x[xAt + i];
    }
  }

  @Override
  public void addScalar(float s, float[] x, int xAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      out[outAt + i] = x[xAt + i] + s;
    }
  }

  @Override
  public void relu(float[] x, int xAt, float[] out, int outAt, int n) {
    for (int i = 0; i < n; i++) {
      float v = x[xAt + i];
      out[outAt + i] = v <= 0 ? 0 : v;
    }
  }

  @Override
  public void reluGrad(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    for (int i = 0; i < n; i++) {
      dx[dxAt + i] = y[yAt + i] > 0 ? dy[dyAt + i] : 0;
    }
  }

  @Override
  public double sum(float[] x, int xAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      int size = Math.min(BLOCK, n - from);
      addRows(x, xAt + from, 0, size, partial);
      total += Simd.fold(partial);
    }
    return total;
  }

  @Override
  public double dot(float[] a, int aAt, float[] b, int bAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      int size = Math.min(BLOCK, n - from);
      addRows(a, aAt + from, b, bAt + from, 0, size, partial);
      total += Simd.fold(partial);
    }
    return total;
  }

  /** Adds elements {@code from .. to − 1} of a block to their partial sums. */
  static void addRows(float[] x, int xAt, int from, int to, float[] partial) {
    for (int row = from; row < to; row += PARTIALS) {
      int width = Math.min(PARTIALS, to - row);
      for (int i = 0; i < width; i++) {
        partial[i] += x[xAt + row + i];
      }
    }
  }

  /** Adds the products of elements {@code from .. to − 1} of a block to their partial sums. */
  static void addRows(float[] a, int aAt, float[] b, int bAt, int from, int to, float[] partial) {
    for (int row = from; row < to; row += PARTIALS) {
      int width = Math.min(PARTIALS, to - row);
      for (int i = 0; i < width; i++) {
        partial[i] = Math.fma(a[aAt + row + i], b[bAt + row + i], partial[i]);
      }
    }
  }

  @Override
  public int tileRows() {
    return ROWS;
  }

  @Override
  public int tileColumns() {
    return COLUMNS;
  }

  @Override
  public void tile(
      int depth, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int cStride, boolean add) {
    float[] sum = new float[COLUMNS];
    for (int row = 0; row < ROWS; row++) {
      Arrays.fill(sum, 0);
      for (int k = 0; k < depth; k++) {
        float left = a[aAt + k * ROWS + row];
        int right = bAt + k * COLUMNS;
        for (int j = 0; j < COLUMNS; j++) {
          sum[j] = Math.fma(left, b[right + j], sum[j]);
        }
      }
      int at = cAt + row * cStride;
      for (int j = 0; j < COLUMNS; j++) {
        c[at + j] = add ? c[at + j] + sum[j] : sum[j];
      }
    }
  }
}
