package org.adjoint.backend.cpu;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Simd} by the Vector API. Only {@link Simd} names this class, and only when the module
 * {@code jdk.incubator.vector} is there.
 *
 * <p>The species is a static constant: HotSpot turns a vector into a register only where it knows
 * the species when it compiles. Operations that HotSpot may compile to other roundings than the
 * interpreter's (EXP and friends, {@code reduceLanes} on floats) are not used.
 */
public final class VectorSimd implements Simd {
  static final VectorSpecies<Float> S = species(System.getProperty("adjoint.simd", "best"));
  private static final int L = S.length();

  /** Whether there are registers for eight rows of a tile: with AVX-512 there are. */
  private static final boolean EIGHT = L == 16;

  private static final ScalarSimd REST = new ScalarSimd();

  static VectorSpecies<Float> species(String wanted) {
    VectorSpecies<Float> widest = FloatVector.SPECIES_PREFERRED;
    VectorSpecies<Float> species =
        switch (wanted) {
          case "128" -> FloatVector.SPECIES_128;
          case "256" -> FloatVector.SPECIES_256;
          case "512" -> FloatVector.SPECIES_512;
          default -> widest.vectorBitSize() > 512 ? FloatVector.SPECIES_512 : widest;
        };
    if (species.vectorBitSize() > widest.vectorBitSize()) {
      throw new IllegalStateException(
          "adjoint.simd=%s: vectors have %d bits here".formatted(wanted, widest.vectorBitSize()));
    }
    return species;
  }

  static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  @Override
  public String name() {
    return S.vectorBitSize() + "-bit";
  }

  @Override
  public int lanes() {
    return L;
  }

  @Override
  public void add(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(a, aAt + i).add(load(b, bAt + i)).intoArray(out, outAt + i);
    }
    REST.add(a, aAt + i, b, bAt + i, out, outAt + i, n - i);
  }

  @Override
  public void sub(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(a, aAt + i).sub(load(b, bAt + i)).intoArray(out, outAt + i);
    }
    REST.sub(a, aAt + i, b, bAt + i, out, outAt + i, n - i);
  }

  @Override
  public void mul(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(a, aAt + i).mul(load(b, bAt + i)).intoArray(out, outAt + i);
    }
    REST.mul(a, aAt + i, b, bAt + i, out, outAt + i, n - i);
  }

  @Override
  public void div(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(a, aAt + i).div(load(b, bAt + i)).intoArray(out, outAt + i);
    }
    REST.div(a, aAt + i, b, bAt + i, out, outAt + i, n - i);
  }

  @Override
  public void axpy(float s, float[] x, int xAt, float[] y, int yAt, int n) {
    FloatVector factor = FloatVector.broadcast(S, s);
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      factor.fma(load(x, xAt + i), load(y, yAt + i)).intoArray(y, yAt + i);
    }
    REST.axpy(s, x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void scale(float s, float[] x, int xAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(x, xAt + i).mul(s).intoArray(out, outAt + i);
    }
    REST.scale(s, x, xAt + i, out, outAt + i, n - i);
  }

  @Override
  public void addScalar(float s, float[] x, int xAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(x, xAt + i).add(s).intoArray(out, outAt + i);
    }
    REST.addScalar(s, x, xAt + i, out, outAt + i, n - i);
  }

  @Override
  public void relu(float[] x, int xAt, float[] out, int outAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector v = load(x, xAt + i);
      v.blend(0, v.compare(LE, 0)).intoArray(out, outAt + i);
    }
    REST.relu(x, xAt + i, out, outAt + i, n - i);
  }

  @Override
  public void reluGrad(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    FloatVector zero = FloatVector.zero(S);
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      zero.blend(load(dy, dyAt + i), load(y, yAt + i).compare(GT, 0)).intoArray(dx, dxAt + i);
    }
    REST.reluGrad(y, yAt + i, dy, dyAt + i, dx, dxAt + i, n - i);
  }

  /** {@link Simd#fold}, of which only the last sixteen must be added one by one. */
  static float fold(float[] p) {
    for (int half = PARTIALS / 2; half >= 16; half /= 2) {
      for (int i = 0; i < half; i += L) {
        load(p, i).add(load(p, i + half)).intoArray(p, i);
      }
    }
    float even = (p[0] + p[8] + (p[4] + p[12])) + (p[2] + p[10] + (p[6] + p[14]));
    float odd = (p[1] + p[9] + (p[5] + p[13])) + (p[3] + p[11] + (p[7] + p[15]));
    return even + odd;
  }

  /**
   * A block is 64 columns wide, one per partial sum. Four vectors of them go down the rows at a
   * time: at 512 bits that is the whole width, at 128 bits the block is walked four times.
   */
  @Override
  public double sum(float[] x, int xAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      int at = xAt + from;
      int size = Math.min(BLOCK, n - from);
      int whole = size - size % PARTIALS;
      for (int column = 0; column < PARTIALS; column += 4 * L) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = column; i < whole; i += PARTIALS) {
          s0 = s0.add(load(x, at + i));
          s1 = s1.add(load(x, at + i + L));
          s2 = s2.add(load(x, at + i + 2 * L));
          s3 = s3.add(load(x, at + i + 3 * L));
        }
        s0.intoArray(partial, column);
        s1.intoArray(partial, column + L);
        s2.intoArray(partial, column + 2 * L);
        s3.intoArray(partial, column + 3 * L);
      }
      ScalarSimd.addRows(x, at, whole, size, partial);
      total += fold(partial);
    }
    return total;
  }

  @Override
  public double dot(float[] a, int aAt, float[] b, int bAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      int p = aAt + from;
      int q = bAt + from;
      int size = Math.min(BLOCK, n - from);
      int whole = size - size % PARTIALS;
      for (int column = 0; column < PARTIALS; column += 4 * L) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = column; i < whole; i += PARTIALS) {
          s0 = load(a, p + i).fma(load(b, q + i), s0);
          s1 = load(a, p + i + L).fma(load(b, q + i + L), s1);
          s2 = load(a, p + i + 2 * L).fma(load(b, q + i + 2 * L), s2);
          s3 = load(a, p + i + 3 * L).fma(load(b, q + i + 3 * L), s3);
        }
        s0.intoArray(partial, column);
        s1.intoArray(partial, column + L);
        s2.intoArray(partial, column + 2 * L);
        s3.intoArray(partial, column + 3 * L);
      }
      ScalarSimd.addRows(a, p, b, q, whole, size, partial);
      total += fold(partial);
    }
    return total;
  }

  @Override
  public boolean maxOverTaps(float[] x, int xAt, int[] offsets, float[] best, float[] tap, int n) {
    if (n < L) {
      return REST.maxOverTaps(x, xAt, offsets, best, tap, n);
    }
    for (int from = 0; from < n; from += L) {
      int i = Math.min(from, n - L); // the last vector overlaps the one before
      FloatVector max = load(x, xAt + i + offsets[0]);
      FloatVector first = FloatVector.zero(S);
      FloatVector bad = max.sub(max); // 0, but NaN of NaN and of infinity
      for (int t = 1; t < offsets.length; t++) {
        FloatVector v = load(x, xAt + i + offsets[t]);
        bad = bad.add(v.sub(v));
        VectorMask<Float> larger = v.compare(GT, max);
        first = first.blend(t, larger);
        max = max.blend(v, larger);
      }
      if (!bad.compare(EQ, 0).allTrue()) {
        return false;
      }
      max.intoArray(best, i);
      first.intoArray(tap, i);
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
    for (int p = 0; p < pieces.length; p++) {
      for (int done = 0; done < columns[p + 1] - columns[p]; done += L) {
        int length = Math.min(L, columns[p + 1] - columns[p] - done);
        copyPiece(
            x, cells, cellsAt, pieces[p] + done, length, out, outAt + columns[p] + done, width, n);
      }
    }
  }

  private static void copyPiece(
      float[] x,
      int[] cells,
      int cellsAt,
      int shift,
      int length,
      float[] out,
      int outAt,
      int width,
      int n) {
    VectorMask<Float> piece = S.indexInRange(0, length);
    for (int i = 0; i < n; i++) {
      FloatVector.fromArray(S, x, cells[cellsAt + i] + shift, piece)
          .intoArray(out, outAt + i * width, piece);
    }
  }

  @Override
  public int tileRows() {
    return EIGHT ? VectorTile.ROWS : VectorTileSix.ROWS;
  }

  @Override
  public int tileColumns() {
    return 2 * L;
  }

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
    if (EIGHT) {
      VectorTile.packed(depth, a, aAt, b, bAt, c, cAt, cStride, add);
    } else {
      VectorTileSix.packed(depth, a, aAt, b, bAt, c, cAt, cStride, add);
    }
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
    if (EIGHT) {
      VectorTile.gathered(
          depth, a, aAt, b, rows, rowsAt, left, right, c, cLeft, cRight, cStride, add);
    } else {
      VectorTileSix.gathered(
          depth, a, aAt, b, rows, rowsAt, left, right, c, cLeft, cRight, cStride, add);
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
    if (EIGHT) {
      VectorTile.crossed(depth, a, rows, rowsAt, columns, columnsAt, b, bAt, c, cAt, cStride, add);
    } else {
      VectorTileSix.crossed(
          depth, a, rows, rowsAt, columns, columnsAt, b, bAt, c, cAt, cStride, add);
    }
  }
}
