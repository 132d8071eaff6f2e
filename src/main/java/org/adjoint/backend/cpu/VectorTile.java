package org.adjoint.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of matrix products by the Vector API: six rows of two vectors. Twelve sums stay
 * in registers, which with two vectors of b and one element of a make 15 of the 16 that AVX2 has;
 * and twelve independent fma chains are enough to keep two fma units of latency 4 busy.
 */
final class VectorTile {
  private static final VectorSpecies<Float> S = VectorSimd.S;
  private static final int L = S.length();

  static final int ROWS = 6;
  static final int COLUMNS = 2 * L;

  private VectorTile() {}

  /** See {@link Simd#tile}. */
  static void packed(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = load(b, bAt + k * COLUMNS);
      FloatVector b1 = load(b, bAt + k * COLUMNS + L);
      FloatVector a0 = FloatVector.broadcast(S, a[aAt + k * ROWS]);
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = FloatVector.broadcast(S, a[aAt + k * ROWS + 1]);
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      FloatVector a2 = FloatVector.broadcast(S, a[aAt + k * ROWS + 2]);
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 = FloatVector.broadcast(S, a[aAt + k * ROWS + 3]);
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      FloatVector a4 = FloatVector.broadcast(S, a[aAt + k * ROWS + 4]);
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      FloatVector a5 = FloatVector.broadcast(S, a[aAt + k * ROWS + 5]);
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
    }
    store(s00, s01, c, cAt, cAt + L, add);
    store(s10, s11, c, cAt + cStride, cAt + cStride + L, add);
    store(s20, s21, c, cAt + 2 * cStride, cAt + 2 * cStride + L, add);
    store(s30, s31, c, cAt + 3 * cStride, cAt + 3 * cStride + L, add);
    store(s40, s41, c, cAt + 4 * cStride, cAt + 4 * cStride + L, add);
    store(s50, s51, c, cAt + 5 * cStride, cAt + 5 * cStride + L, add);
  }

  /** See {@link Simd#gatherTile}. */
  static void gathered(
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
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    for (int k = 0; k < depth; k++) {
      int row = rows[rowsAt + k];
      FloatVector b0 = load(b, left + row);
      FloatVector b1 = load(b, right + row);
      FloatVector a0 = FloatVector.broadcast(S, a[aAt + k * ROWS]);
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = FloatVector.broadcast(S, a[aAt + k * ROWS + 1]);
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      FloatVector a2 = FloatVector.broadcast(S, a[aAt + k * ROWS + 2]);
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 = FloatVector.broadcast(S, a[aAt + k * ROWS + 3]);
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      FloatVector a4 = FloatVector.broadcast(S, a[aAt + k * ROWS + 4]);
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      FloatVector a5 = FloatVector.broadcast(S, a[aAt + k * ROWS + 5]);
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
    }
    store(s00, s01, c, cLeft, cRight, add);
    store(s10, s11, c, cLeft + cStride, cRight + cStride, add);
    store(s20, s21, c, cLeft + 2 * cStride, cRight + 2 * cStride, add);
    store(s30, s31, c, cLeft + 3 * cStride, cRight + 3 * cStride, add);
    store(s40, s41, c, cLeft + 4 * cStride, cRight + 4 * cStride, add);
    store(s50, s51, c, cLeft + 5 * cStride, cRight + 5 * cStride, add);
  }

  /** See {@link Simd#crossTile}. */
  static void crossed(
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
    int r0 = rows[rowsAt];
    int r1 = rows[rowsAt + 1];
    int r2 = rows[rowsAt + 2];
    int r3 = rows[rowsAt + 3];
    int r4 = rows[rowsAt + 4];
    int r5 = rows[rowsAt + 5];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    for (int k = 0; k < depth; k++) {
      int column = columns[columnsAt + k];
      FloatVector b0 = load(b, bAt + k * COLUMNS);
      FloatVector b1 = load(b, bAt + k * COLUMNS + L);
      FloatVector a0 = FloatVector.broadcast(S, a[r0 + column]);
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = FloatVector.broadcast(S, a[r1 + column]);
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      FloatVector a2 = FloatVector.broadcast(S, a[r2 + column]);
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 = FloatVector.broadcast(S, a[r3 + column]);
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      FloatVector a4 = FloatVector.broadcast(S, a[r4 + column]);
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      FloatVector a5 = FloatVector.broadcast(S, a[r5 + column]);
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
    }
    store(s00, s01, c, cAt, cAt + L, add);
    store(s10, s11, c, cAt + cStride, cAt + cStride + L, add);
    store(s20, s21, c, cAt + 2 * cStride, cAt + 2 * cStride + L, add);
    store(s30, s31, c, cAt + 3 * cStride, cAt + 3 * cStride + L, add);
    store(s40, s41, c, cAt + 4 * cStride, cAt + 4 * cStride + L, add);
    store(s50, s51, c, cAt + 5 * cStride, cAt + 5 * cStride + L, add);
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  private static void store(
      FloatVector s0, FloatVector s1, float[] c, int left, int right, boolean add) {
    (add ? load(c, left).add(s0) : s0).intoArray(c, left);
    (add ? load(c, right).add(s1) : s1).intoArray(c, right);
  }
}
