package org.adjoint.backend.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.adjoint.backend.cpu.NormMath.Sums;

/** {@link ChannelMath} by the Vector API: {@link ScalarChannels} on many numbers at once. */
public final class VectorChannels implements ChannelMath {
  private static final VectorSpecies<Float> S =
      VectorSimd.species(System.getProperty("adjoint.simd", "best"));
  private static final int L = S.length();
  private static final ScalarChannels SCALAR = new ScalarChannels();

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  private static FloatVector centred(Factors f, int c, float[] x, int at) {
    return load(x, at).sub(load(f.shift, c)).sub(load(f.off, c));
  }

  @Override
  public String name() {
    return S.vectorBitSize() + "-bit";
  }

  @Override
  public void scale(Factors f, int c, float[] x, int xAt, float[] y, int yAt, int n) {
    FloatVector shift = broadcast(S, f.shift[c]);
    FloatVector off = broadcast(S, f.off[c]);
    FloatVector by = broadcast(S, f.by[c]);
    FloatVector rest = broadcast(S, f.rest[c]);
    int i = 0;
    for (; i < n - L + 1; i += L) {
      load(x, xAt + i).sub(shift).sub(off).fma(by, rest).intoArray(y, yAt + i);
    }
    SCALAR.scale(f, c, x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void products(float shift, float[] x, int xAt, float[] dy, int dyAt, Sums sums, int n) {
    sums.clear();
    for (int from = 0; from < n; from += NormMath.BLOCK) {
      int to = Math.min(n, from + NormMath.BLOCK);
      int whole = to - (to - from) % NormMath.LANES;
      for (int lane = 0; lane < NormMath.LANES; lane += L) {
        FloatVector p = zero(S);
        FloatVector q = zero(S);
        for (int i = from + lane; i < whole; i += NormMath.LANES) {
          FloatVector d = load(dy, dyAt + i);
          p = p.add(d);
          q = d.fma(load(x, xAt + i).sub(shift), q);
        }
        p.intoArray(sums.p, lane);
        q.intoArray(sums.q, lane);
      }
      ScalarChannels.addProducts(shift, x, xAt, dy, dyAt, sums, whole, to);
      sums.fold();
    }
  }

  @Override
  public void combine(
      Factors f, int c, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    FloatVector shift = broadcast(S, f.shift[c]);
    FloatVector off = broadcast(S, f.off[c]);
    FloatVector by = broadcast(S, f.by[c]);
    FloatVector level = broadcast(S, f.level[c]);
    FloatVector down = broadcast(S, -f.slope[c]);
    FloatVector tilt = broadcast(S, f.tilt[c]);
    FloatVector rest = broadcast(S, f.rest[c]);
    int i = 0;
    for (; i < n - L + 1; i += L) {
      FloatVector d = load(x, xAt + i).sub(shift).sub(off);
      FloatVector h = down.fma(d, load(dy, dyAt + i).sub(level));
      by.fma(h, tilt.fma(d, rest)).intoArray(dx, dxAt + i);
    }
    SCALAR.combine(f, c, x, xAt + i, dy, dyAt + i, dx, dxAt + i, n - i);
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
    int j = 0;
    for (; j < n - L + 1; j += L) {
      FloatVector by = load(shift, c + j);
      FloatVector sum = zero(S);
      FloatVector square = zero(S);
      int at = xAt + j;
      for (int k = 0; k < rows; k++, at += stride) {
        FloatVector d = load(x, at).sub(by);
        sum = sum.add(d);
        square = d.fma(d, square);
      }
      sum.intoArray(sums, j);
      square.intoArray(squares, j);
    }
    ScalarChannels.columnMoments(shift, c, x, xAt, stride, rows, sums, squares, j, n);
  }

  @Override
  public void scaleColumns(Factors f, int c, float[] x, int xAt, float[] y, int yAt, int n) {
    int j = 0;
    for (; j < n - L + 1; j += L) {
      centred(f, c + j, x, xAt + j)
          .fma(load(f.by, c + j), load(f.rest, c + j))
          .intoArray(y, yAt + j);
    }
    SCALAR.scaleColumns(f, c + j, x, xAt + j, y, yAt + j, n - j);
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
    int j = 0;
    for (; j < n - L + 1; j += L) {
      FloatVector by = load(shift, c + j);
      FloatVector sum = zero(S);
      FloatVector dot = zero(S);
      int at = xAt + j;
      int dyAtK = dyAt + j;
      for (int k = 0; k < rows; k++, at += stride, dyAtK += stride) {
        FloatVector d = load(dy, dyAtK);
        sum = sum.add(d);
        dot = d.fma(load(x, at).sub(by), dot);
      }
      sum.intoArray(sums, j);
      dot.intoArray(dots, j);
    }
    ScalarChannels.columnProducts(shift, c, x, xAt, dy, dyAt, stride, rows, sums, dots, j, n);
  }

  @Override
  public void combineColumns(
      Factors f, int c, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    int j = 0;
    for (; j < n - L + 1; j += L) {
      FloatVector d = centred(f, c + j, x, xAt + j);
      FloatVector h = load(dy, dyAt + j).sub(load(f.level, c + j));
      h = load(f.slope, c + j).neg().fma(d, h);
      load(f.by, c + j)
          .fma(h, load(f.tilt, c + j).fma(d, load(f.rest, c + j)))
          .intoArray(dx, dxAt + j);
    }
    SCALAR.combineColumns(f, c + j, x, xAt + j, dy, dyAt + j, dx, dxAt + j, n - j);
  }
}
