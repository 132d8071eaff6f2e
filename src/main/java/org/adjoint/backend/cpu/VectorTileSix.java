package org.adjoint.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link VectorTile} for processors with 16 registers: six rows of two vectors. Twelve sums stay in
 * registers, which with two vectors of b and one element of a make 15 of the 16 that AVX2 has; and
 * twelve independent fma chains are enough to keep two fma units of latency 4 busy.
 */
final class VectorTileSix {
  private static final VectorSpecies<Float> S = VectorSimd.S;
  private static final int L = S.length();

  static final int ROWS = 6;
  static final int COLUMNS = 2 * L;

  private VectorTileSix() {}

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
  }
}
