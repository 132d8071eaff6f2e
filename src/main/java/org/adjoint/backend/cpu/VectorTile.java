package org.adjoint.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of matrix products by the Vector API, for processors with 32 registers of 512
 * bits: eight rows of two vectors, whose sixteen sums stay in registers.
 *
 * <p>All is written out, without methods of our own: HotSpot stops inlining after so many nodes,
 * and a vector that is handed to a method which was not inlined becomes an object.
 */
final class VectorTile {
  private static final VectorSpecies<Float> S = VectorSimd.S;
  private static final int L = S.length();

  static final int ROWS = 8;
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
    FloatVector s0x0 = FloatVector.zero(S);
    FloatVector s0x1 = s0x0;
    FloatVector s1x0 = s0x0;
    FloatVector s1x1 = s0x0;
    FloatVector s2x0 = s0x0;
    FloatVector s2x1 = s0x0;
    FloatVector s3x0 = s0x0;
    FloatVector s3x1 = s0x0;
    FloatVector s4x0 = s0x0;
    FloatVector s4x1 = s0x0;
    FloatVector s5x0 = s0x0;
    FloatVector s5x1 = s0x0;
    FloatVector s6x0 = s0x0;
    FloatVector s6x1 = s0x0;
    FloatVector s7x0 = s0x0;
    FloatVector s7x1 = s0x0;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bAt + k * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(S, b, bAt + k * COLUMNS + L);
      FloatVector a0 = FloatVector.broadcast(S, a[aAt + k * ROWS]);
      s0x0 = a0.fma(b0, s0x0);
      s0x1 = a0.fma(b1, s0x1);
      FloatVector a1 = FloatVector.broadcast(S, a[aAt + k * ROWS + 1]);
      s1x0 = a1.fma(b0, s1x0);
      s1x1 = a1.fma(b1, s1x1);
      FloatVector a2 = FloatVector.broadcast(S, a[aAt + k * ROWS + 2]);
      s2x0 = a2.fma(b0, s2x0);
      s2x1 = a2.fma(b1, s2x1);
      FloatVector a3 = FloatVector.broadcast(S, a[aAt + k * ROWS + 3]);
      s3x0 = a3.fma(b0, s3x0);
      s3x1 = a3.fma(b1, s3x1);
      FloatVector a4 = FloatVector.broadcast(S, a[aAt + k * ROWS + 4]);
      s4x0 = a4.fma(b0, s4x0);
      s4x1 = a4.fma(b1, s4x1);
      FloatVector a5 = FloatVector.broadcast(S, a[aAt + k * ROWS + 5]);
      s5x0 = a5.fma(b0, s5x0);
      s5x1 = a5.fma(b1, s5x1);
      FloatVector a6 = FloatVector.broadcast(S, a[aAt + k * ROWS + 6]);
      s6x0 = a6.fma(b0, s6x0);
      s6x1 = a6.fma(b1, s6x1);
      FloatVector a7 = FloatVector.broadcast(S, a[aAt + k * ROWS + 7]);
      s7x0 = a7.fma(b0, s7x0);
      s7x1 = a7.fma(b1, s7x1);
    }
    if (add) {
      s0x0 = FloatVector.fromArray(S, c, cAt).add(s0x0);
      s0x1 = FloatVector.fromArray(S, c, cAt + L).add(s0x1);
      s1x0 = FloatVector.fromArray(S, c, cAt + cStride).add(s1x0);
      s1x1 = FloatVector.fromArray(S, c, cAt + cStride + L).add(s1x1);
      s2x0 = FloatVector.fromArray(S, c, cAt + 2 * cStride).add(s2x0);
      s2x1 = FloatVector.fromArray(S, c, cAt + 2 * cStride + L).add(s2x1);
      s3x0 = FloatVector.fromArray(S, c, cAt + 3 * cStride).add(s3x0);
      s3x1 = FloatVector.fromArray(S, c, cAt + 3 * cStride + L).add(s3x1);
      s4x0 = FloatVector.fromArray(S, c, cAt + 4 * cStride).add(s4x0);
      s4x1 = FloatVector.fromArray(S, c, cAt + 4 * cStride + L).add(s4x1);
      s5x0 = FloatVector.fromArray(S, c, cAt + 5 * cStride).add(s5x0);
      s5x1 = FloatVector.fromArray(S, c, cAt + 5 * cStride + L).add(s5x1);
      s6x0 = FloatVector.fromArray(S, c, cAt + 6 * cStride).add(s6x0);
      s6x1 = FloatVector.fromArray(S, c, cAt + 6 * cStride + L).add(s6x1);
      s7x0 = FloatVector.fromArray(S, c, cAt + 7 * cStride).add(s7x0);
      s7x1 = FloatVector.fromArray(S, c, cAt + 7 * cStride + L).add(s7x1);
    }
    s0x0.intoArray(c, cAt);
    s0x1.intoArray(c, cAt + L);
    s1x0.intoArray(c, cAt + cStride);
    s1x1.intoArray(c, cAt + cStride + L);
    s2x0.intoArray(c, cAt + 2 * cStride);
    s2x1.intoArray(c, cAt + 2 * cStride + L);
    s3x0.intoArray(c, cAt + 3 * cStride);
    s3x1.intoArray(c, cAt + 3 * cStride + L);
    s4x0.intoArray(c, cAt + 4 * cStride);
    s4x1.intoArray(c, cAt + 4 * cStride + L);
    s5x0.intoArray(c, cAt + 5 * cStride);
    s5x1.intoArray(c, cAt + 5 * cStride + L);
    s6x0.intoArray(c, cAt + 6 * cStride);
    s6x1.intoArray(c, cAt + 6 * cStride + L);
    s7x0.intoArray(c, cAt + 7 * cStride);
    s7x1.intoArray(c, cAt + 7 * cStride + L);
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
    FloatVector s0x0 = FloatVector.zero(S);
    FloatVector s0x1 = s0x0;
    FloatVector s1x0 = s0x0;
    FloatVector s1x1 = s0x0;
    FloatVector s2x0 = s0x0;
    FloatVector s2x1 = s0x0;
    FloatVector s3x0 = s0x0;
    FloatVector s3x1 = s0x0;
    FloatVector s4x0 = s0x0;
    FloatVector s4x1 = s0x0;
    FloatVector s5x0 = s0x0;
    FloatVector s5x1 = s0x0;
    FloatVector s6x0 = s0x0;
    FloatVector s6x1 = s0x0;
    FloatVector s7x0 = s0x0;
    FloatVector s7x1 = s0x0;
    for (int k = 0; k < depth; k++) {
      int row = rows[rowsAt + k];
      FloatVector b0 = FloatVector.fromArray(S, b, left + row);
      FloatVector b1 = FloatVector.fromArray(S, b, right + row);
      FloatVector a0 = FloatVector.broadcast(S, a[aAt + k * ROWS]);
      s0x0 = a0.fma(b0, s0x0);
      s0x1 = a0.fma(b1, s0x1);
      FloatVector a1 = FloatVector.broadcast(S, a[aAt + k * ROWS + 1]);
      s1x0 = a1.fma(b0, s1x0);
      s1x1 = a1.fma(b1, s1x1);
      FloatVector a2 = FloatVector.broadcast(S, a[aAt + k * ROWS + 2]);
      s2x0 = a2.fma(b0, s2x0);
      s2x1 = a2.fma(b1, s2x1);
      FloatVector a3 = FloatVector.broadcast(S, a[aAt + k * ROWS + 3]);
      s3x0 = a3.fma(b0, s3x0);
      s3x1 = a3.fma(b1, s3x1);
      FloatVector a4 = FloatVector.broadcast(S, a[aAt + k * ROWS + 4]);
      s4x0 = a4.fma(b0, s4x0);
      s4x1 = a4.fma(b1, s4x1);
      FloatVector a5 = FloatVector.broadcast(S, a[aAt + k * ROWS + 5]);
      s5x0 = a5.fma(b0, s5x0);
      s5x1 = a5.fma(b1, s5x1);
      FloatVector a6 = FloatVector.broadcast(S, a[aAt + k * ROWS + 6]);
      s6x0 = a6.fma(b0, s6x0);
      s6x1 = a6.fma(b1, s6x1);
      FloatVector a7 = FloatVector.broadcast(S, a[aAt + k * ROWS + 7]);
      s7x0 = a7.fma(b0, s7x0);
      s7x1 = a7.fma(b1, s7x1);
    }
    if (add) {
      s0x0 = FloatVector.fromArray(S, c, cLeft).add(s0x0);
      s0x1 = FloatVector.fromArray(S, c, cRight).add(s0x1);
      s1x0 = FloatVector.fromArray(S, c, cLeft + cStride).add(s1x0);
      s1x1 = FloatVector.fromArray(S, c, cRight + cStride).add(s1x1);
      s2x0 = FloatVector.fromArray(S, c, cLeft + 2 * cStride).add(s2x0);
      s2x1 = FloatVector.fromArray(S, c, cRight + 2 * cStride).add(s2x1);
      s3x0 = FloatVector.fromArray(S, c, cLeft + 3 * cStride).add(s3x0);
      s3x1 = FloatVector.fromArray(S, c, cRight + 3 * cStride).add(s3x1);
      s4x0 = FloatVector.fromArray(S, c, cLeft + 4 * cStride).add(s4x0);
      s4x1 = FloatVector.fromArray(S, c, cRight + 4 * cStride).add(s4x1);
      s5x0 = FloatVector.fromArray(S, c, cLeft + 5 * cStride).add(s5x0);
      s5x1 = FloatVector.fromArray(S, c, cRight + 5 * cStride).add(s5x1);
      s6x0 = FloatVector.fromArray(S, c, cLeft + 6 * cStride).add(s6x0);
      s6x1 = FloatVector.fromArray(S, c, cRight + 6 * cStride).add(s6x1);
      s7x0 = FloatVector.fromArray(S, c, cLeft + 7 * cStride).add(s7x0);
      s7x1 = FloatVector.fromArray(S, c, cRight + 7 * cStride).add(s7x1);
    }
    s0x0.intoArray(c, cLeft);
    s0x1.intoArray(c, cRight);
    s1x0.intoArray(c, cLeft + cStride);
    s1x1.intoArray(c, cRight + cStride);
    s2x0.intoArray(c, cLeft + 2 * cStride);
    s2x1.intoArray(c, cRight + 2 * cStride);
    s3x0.intoArray(c, cLeft + 3 * cStride);
    s3x1.intoArray(c, cRight + 3 * cStride);
    s4x0.intoArray(c, cLeft + 4 * cStride);
    s4x1.intoArray(c, cRight + 4 * cStride);
    s5x0.intoArray(c, cLeft + 5 * cStride);
    s5x1.intoArray(c, cRight + 5 * cStride);
    s6x0.intoArray(c, cLeft + 6 * cStride);
    s6x1.intoArray(c, cRight + 6 * cStride);
    s7x0.intoArray(c, cLeft + 7 * cStride);
    s7x1.intoArray(c, cRight + 7 * cStride);
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
    int r6 = rows[rowsAt + 6];
    int r7 = rows[rowsAt + 7];
    FloatVector s0x0 = FloatVector.zero(S);
    FloatVector s0x1 = s0x0;
    FloatVector s1x0 = s0x0;
    FloatVector s1x1 = s0x0;
    FloatVector s2x0 = s0x0;
    FloatVector s2x1 = s0x0;
    FloatVector s3x0 = s0x0;
    FloatVector s3x1 = s0x0;
    FloatVector s4x0 = s0x0;
    FloatVector s4x1 = s0x0;
    FloatVector s5x0 = s0x0;
    FloatVector s5x1 = s0x0;
    FloatVector s6x0 = s0x0;
    FloatVector s6x1 = s0x0;
    FloatVector s7x0 = s0x0;
    FloatVector s7x1 = s0x0;
    for (int k = 0; k < depth; k++) {
      int column = columns[columnsAt + k];
      FloatVector b0 = FloatVector.fromArray(S, b, bAt + k * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(S, b, bAt + k * COLUMNS + L);
      FloatVector a0 = FloatVector.broadcast(S, a[r0 + column]);
      s0x0 = a0.fma(b0, s0x0);
      s0x1 = a0.fma(b1, s0x1);
      FloatVector a1 = FloatVector.broadcast(S, a[r1 + column]);
      s1x0 = a1.fma(b0, s1x0);
      s1x1 = a1.fma(b1, s1x1);
      FloatVector a2 = FloatVector.broadcast(S, a[r2 + column]);
      s2x0 = a2.fma(b0, s2x0);
      s2x1 = a2.fma(b1, s2x1);
      FloatVector a3 = FloatVector.broadcast(S, a[r3 + column]);
      s3x0 = a3.fma(b0, s3x0);
      s3x1 = a3.fma(b1, s3x1);
      FloatVector a4 = FloatVector.broadcast(S, a[r4 + column]);
      s4x0 = a4.fma(b0, s4x0);
      s4x1 = a4.fma(b1, s4x1);
      FloatVector a5 = FloatVector.broadcast(S, a[r5 + column]);
      s5x0 = a5.fma(b0, s5x0);
      s5x1 = a5.fma(b1, s5x1);
      FloatVector a6 = FloatVector.broadcast(S, a[r6 + column]);
      s6x0 = a6.fma(b0, s6x0);
      s6x1 = a6.fma(b1, s6x1);
      FloatVector a7 = FloatVector.broadcast(S, a[r7 + column]);
      s7x0 = a7.fma(b0, s7x0);
      s7x1 = a7.fma(b1, s7x1);
    }
    if (add) {
      s0x0 = FloatVector.fromArray(S, c, cAt).add(s0x0);
      s0x1 = FloatVector.fromArray(S, c, cAt + L).add(s0x1);
      s1x0 = FloatVector.fromArray(S, c, cAt + cStride).add(s1x0);
      s1x1 = FloatVector.fromArray(S, c, cAt + cStride + L).add(s1x1);
      s2x0 = FloatVector.fromArray(S, c, cAt + 2 * cStride).add(s2x0);
      s2x1 = FloatVector.fromArray(S, c, cAt + 2 * cStride + L).add(s2x1);
      s3x0 = FloatVector.fromArray(S, c, cAt + 3 * cStride).add(s3x0);
      s3x1 = FloatVector.fromArray(S, c, cAt + 3 * cStride + L).add(s3x1);
      s4x0 = FloatVector.fromArray(S, c, cAt + 4 * cStride).add(s4x0);
      s4x1 = FloatVector.fromArray(S, c, cAt + 4 * cStride + L).add(s4x1);
      s5x0 = FloatVector.fromArray(S, c, cAt + 5 * cStride).add(s5x0);
      s5x1 = FloatVector.fromArray(S, c, cAt + 5 * cStride + L).add(s5x1);
      s6x0 = FloatVector.fromArray(S, c, cAt + 6 * cStride).add(s6x0);
      s6x1 = FloatVector.fromArray(S, c, cAt + 6 * cStride + L).add(s6x1);
      s7x0 = FloatVector.fromArray(S, c, cAt + 7 * cStride).add(s7x0);
      s7x1 = FloatVector.fromArray(S, c, cAt + 7 * cStride + L).add(s7x1);
    }
    s0x0.intoArray(c, cAt);
    s0x1.intoArray(c, cAt + L);
    s1x0.intoArray(c, cAt + cStride);
    s1x1.intoArray(c, cAt + cStride + L);
    s2x0.intoArray(c, cAt + 2 * cStride);
    s2x1.intoArray(c, cAt + 2 * cStride + L);
    s3x0.intoArray(c, cAt + 3 * cStride);
    s3x1.intoArray(c, cAt + 3 * cStride + L);
    s4x0.intoArray(c, cAt + 4 * cStride);
    s4x1.intoArray(c, cAt + 4 * cStride + L);
    s5x0.intoArray(c, cAt + 5 * cStride);
    s5x1.intoArray(c, cAt + 5 * cStride + L);
    s6x0.intoArray(c, cAt + 6 * cStride);
    s6x1.intoArray(c, cAt + 6 * cStride + L);
    s7x0.intoArray(c, cAt + 7 * cStride);
    s7x1.intoArray(c, cAt + 7 * cStride + L);
  }
}
