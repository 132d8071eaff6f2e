package org.adjoint.backend.cpu;

/**
 * {@link Simd} as plain loops: what each operation means. Runs on every JVM, and finishes the last
 * few elements for {@link VectorSimd}. HotSpot vectorises some of the loops by itself.
 */
public final class ScalarSimd implements Simd {
  private static final int ROWS = 2;
  private static final int COLUMNS = 4;

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
  public boolean maxOverTaps(float[] x, int xAt, int[] offsets, float[] best, float[] tap, int n) {
    for (int i = 0; i < n; i++) {
      float max = x[xAt + i + offsets[0]];
      float first = 0;
      boolean nan = Float.isNaN(max);
      for (int t = 1; t < offsets.length; t++) {
        float v = x[xAt + i + offsets[t]];
        nan |= Float.isNaN(v);
        first = v > max ? t : first;
        max = v > max ? v : max;
      }
      if (nan) {
        return false;
      }
      best[i] = max;
      tap[i] = first;
    }
    return true;
  }

  @Override
  public void copyPieces(
      float[] x,
      int[] cells,
      int cellsAt,
      int[] pieces,
      int[] columns,
      float[] out,
      int outAt,
      int width,
      int n) {
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < pieces.length; p++) {
        for (int column = columns[p]; column < columns[p + 1]; column++) {
          int from = cells[cellsAt + i] + pieces[p] + column - columns[p];
          out[outAt + i * width + column] = x[from];
        }
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

  /** Eight sums that the JIT keeps in registers. It does not vectorise loops with Math.fma. */
  @Override
  public void tile(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    float s00 = 0;
    float s01 = 0;
    float s02 = 0;
    float s03 = 0;
    float s10 = 0;
    float s11 = 0;
    float s12 = 0;
    float s13 = 0;
    for (int k = 0; k < depth; k++) {
      float a0 = a[aAt + k * ROWS];
      float a1 = a[aAt + k * ROWS + 1];
      float b0 = b[bAt + k * COLUMNS];
      float b1 = b[bAt + k * COLUMNS + 1];
      float b2 = b[bAt + k * COLUMNS + 2];
      float b3 = b[bAt + k * COLUMNS + 3];
      s00 = Math.fma(a0, b0, s00);
      s01 = Math.fma(a0, b1, s01);
      s02 = Math.fma(a0, b2, s02);
      s03 = Math.fma(a0, b3, s03);
      s10 = Math.fma(a1, b0, s10);
      s11 = Math.fma(a1, b1, s11);
      s12 = Math.fma(a1, b2, s12);
      s13 = Math.fma(a1, b3, s13);
    }
    store(s00, s01, s02, s03, c, cAt, add);
    store(s10, s11, s12, s13, c, cAt + cStride, add);
  }

  @Override
  public void gatherTile(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int[] rows,
      int rowsAt,
      int left,
      int right,
      float[] c,
      int cLeft,
      int cRight,
      int cStride,
      boolean add) {
    float[] packed = new float[depth * COLUMNS];
    for (int k = 0; k < depth; k++) {
      int row = rows[rowsAt + k];
      packed[k * COLUMNS] = b[left + row];
      packed[k * COLUMNS + 1] = b[left + row + 1];
      packed[k * COLUMNS + 2] = b[right + row];
      packed[k * COLUMNS + 3] = b[right + row + 1];
    }
    float[] sums = new float[ROWS * COLUMNS];
    tile(depth, a, aAt, packed, 0, sums, 0, COLUMNS, false);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        int at = (j < COLUMNS / 2 ? cLeft + j : cRight + j - COLUMNS / 2) + i * cStride;
        c[at] = add ? c[at] + sums[i * COLUMNS + j] : sums[i * COLUMNS + j];
      }
    }
  }

  @Override
  public void crossTile(
      int depth,
      float[] a,
      int[] rows,
      int rowsAt,
      int[] columns,
      int columnsAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    float[] packed = new float[depth * ROWS];
    for (int k = 0; k < depth; k++) {
      for (int i = 0; i < ROWS; i++) {
        packed[k * ROWS + i] = a[rows[rowsAt + i] + columns[columnsAt + k]];
      }
    }
    tile(depth, packed, 0, b, bAt, c, cAt, cStride, add);
  }

  private static void store(
      float s0, float s1, float s2, float s3, float[] c, int at, boolean add) {
    c[at] = add ? c[at] + s0 : s0;
    c[at + 1] = add ? c[at + 1] + s1 : s1;
    c[at + 2] = add ? c[at + 2] + s2 : s2;
    c[at + 3] = add ? c[at + 3] + s3 : s3;
  }
}
