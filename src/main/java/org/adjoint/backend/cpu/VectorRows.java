package org.adjoint.backend.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.adjoint.backend.cpu.Simd.BLOCK;
import static org.adjoint.backend.cpu.Simd.PARTIALS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowMath} by the Vector API: {@link ScalarRows} on many numbers at once. The partial sums
 * are columns of a block that is 64 wide, as in {@link VectorSimd#sum}.
 */
public final class VectorRows implements RowMath {
  private static final VectorSpecies<Float> S =
      VectorSimd.species(System.getProperty("adjoint.simd", "best"));
  private static final int L = S.length();
  private static final ScalarRows REST = new ScalarRows();

  private static final FloatVector LOG2_E = broadcast(S, ScalarMath.LOG2_E);
  private static final FloatVector LN2_HIGH = broadcast(S, -ScalarMath.LN2_HIGH);
  private static final FloatVector LN2_LOW = broadcast(S, -ScalarMath.LN2_LOW);
  private static final FloatVector E4 = broadcast(S, ScalarMath.E4);
  private static final FloatVector E3 = broadcast(S, ScalarMath.E3);
  private static final FloatVector E2 = broadcast(S, ScalarMath.E2);
  private static final FloatVector E1 = broadcast(S, ScalarMath.E1);
  private static final FloatVector LEAST = broadcast(S, ScalarMath.EXP_LEAST);
  private static final FloatVector E0 = broadcast(S, ScalarMath.E0);

  /** Rounds like {@link ScalarMath#ROUNDER}; the low bits are then the exponent of 2ⁿ⁺⁶⁴. */
  private static final FloatVector ROUNDER = broadcast(S, ScalarMath.ROUNDER + 127 + 64);

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  @Override
  public String name() {
    return S.vectorBitSize() + "-bit";
  }

  /** Four maxima side by side, for none to wait for another. */
  @Override
  public float max(float[] x, int xAt, int n) {
    FloatVector m0 = broadcast(S, Float.NEGATIVE_INFINITY);
    FloatVector m1 = m0;
    FloatVector m2 = m0;
    FloatVector m3 = m0;
    int i = 0;
    for (; i <= n - 4 * L; i += 4 * L) {
      FloatVector x0 = load(x, xAt + i);
      FloatVector x1 = load(x, xAt + i + L);
      FloatVector x2 = load(x, xAt + i + 2 * L);
      FloatVector x3 = load(x, xAt + i + 3 * L);
      m0 = m0.blend(x0, x0.compare(GT, m0));
      m1 = m1.blend(x1, x1.compare(GT, m1));
      m2 = m2.blend(x2, x2.compare(GT, m2));
      m3 = m3.blend(x3, x3.compare(GT, m3));
    }
    float max = REST.max(x, xAt + i, n - i);
    if (i > 0) {
      m0 = m0.blend(m1, m1.compare(GT, m0));
      m2 = m2.blend(m3, m3.compare(GT, m2));
      float[] maxima = new float[L];
      m0.blend(m2, m2.compare(GT, m0)).intoArray(maxima, 0);
      max = Math.max(max, REST.max(maxima, 0, L));
    }
    return max;
  }

  /** 2ⁿ in two factors as in {@link ScalarMath#exp}, but n ≤ 0, so that one may be constant. */
  @Override
  public double exp(float max, float[] x, int xAt, float[] y, int yAt, int n) {
    double total = 0;
    for (int from = 0; from < n; from += BLOCK) {
      float[] partial = new float[PARTIALS];
      int p = xAt + from;
      int q = yAt + from;
      int size = Math.min(BLOCK, n - from);
      int whole = size - size % PARTIALS;
      for (int column = 0; column < PARTIALS; column += 2 * L) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = s0;
        for (int i = column; i < whole; i += PARTIALS) {
          FloatVector x0 = load(x, p + i).sub(max);
          FloatVector x1 = load(x, p + i + L).sub(max);
          x0 = x0.blend(LEAST, x0.compare(LT, LEAST));
          x1 = x1.blend(LEAST, x1.compare(LT, LEAST));
          FloatVector n0 = x0.fma(LOG2_E, ROUNDER);
          FloatVector n1 = x1.fma(LOG2_E, ROUNDER);
          FloatVector k0 = n0.sub(ROUNDER);
          FloatVector k1 = n1.sub(ROUNDER);
          FloatVector r0 = k0.fma(LN2_LOW, k0.fma(LN2_HIGH, x0));
          FloatVector r1 = k1.fma(LN2_LOW, k1.fma(LN2_HIGH, x1));
          FloatVector p0 = E4.fma(r0, E3).fma(r0, E2).fma(r0, E1).fma(r0, E0);
          FloatVector p1 = E4.fma(r1, E3).fma(r1, E2).fma(r1, E1).fma(r1, E0);
          FloatVector power0 = n0.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
          FloatVector power1 = n1.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
          FloatVector y0 = r0.mul(r0).fma(p0, r0).fma(power0, power0).mul(0x1p-64f);
          FloatVector y1 = r1.mul(r1).fma(p1, r1).fma(power1, power1).mul(0x1p-64f);
          y0.intoArray(y, q + i);
          y1.intoArray(y, q + i + L);
          s0 = s0.add(y0);
          s1 = s1.add(y1);
        }
        s0.intoArray(partial, column);
        s1.intoArray(partial, column + L);
      }
      ScalarRows.exp(max, x, p, y, q, whole, size, partial);
      total += VectorSimd.fold(partial);
    }
    return total;
  }

  @Override
  public void subTwice(float a, float b, float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(x, xAt + i).sub(a).sub(b).intoArray(y, yAt + i);
    }
    REST.subTwice(a, b, x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void softmaxGrad(
      float dot, float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      load(dy, dyAt + i).sub(dot).mul(load(y, yAt + i)).intoArray(dx, dxAt + i);
    }
    REST.softmaxGrad(dot, y, yAt + i, dy, dyAt + i, dx, dxAt + i, n - i);
  }

  @Override
  public double squares(float mean, float[] x, int xAt, int n) {
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
          FloatVector d0 = load(x, at + i).sub(mean);
          FloatVector d1 = load(x, at + i + L).sub(mean);
          FloatVector d2 = load(x, at + i + 2 * L).sub(mean);
          FloatVector d3 = load(x, at + i + 3 * L).sub(mean);
          s0 = d0.fma(d0, s0);
          s1 = d1.fma(d1, s1);
          s2 = d2.fma(d2, s2);
          s3 = d3.fma(d3, s3);
        }
        s0.intoArray(partial, column);
        s1.intoArray(partial, column + L);
        s2.intoArray(partial, column + 2 * L);
        s3.intoArray(partial, column + 3 * L);
      }
      ScalarRows.squares(mean, x, at, whole, size, partial);
      total += VectorSimd.fold(partial);
    }
    return total;
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
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector unit = load(x, xAt + i).sub(mean).mul(r);
      unit.fma(load(w, wAt + i), load(b, bAt + i)).intoArray(y, yAt + i);
    }
    REST.normalise(mean, r, x, xAt + i, w, wAt + i, b, bAt + i, y, yAt + i, n - i);
  }

  /** Writes no dx yet: what waits for a row of it to come to the cache would hold up dw and db. */
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
      int whole = to - (to - from) % PARTIALS;
      for (int column = 0; column < PARTIALS; column += 4 * L) {
        FloatVector h0 = FloatVector.zero(S);
        FloatVector h1 = h0;
        FloatVector h2 = h0;
        FloatVector h3 = h0;
        FloatVector hx0 = h0;
        FloatVector hx1 = h0;
        FloatVector hx2 = h0;
        FloatVector hx3 = h0;
        for (int i = from + column; i < whole; i += PARTIALS) {
          FloatVector unit0 = load(x, xAt + i).sub(mean).mul(r);
          FloatVector unit1 = load(x, xAt + i + L).sub(mean).mul(r);
          FloatVector unit2 = load(x, xAt + i + 2 * L).sub(mean).mul(r);
          FloatVector unit3 = load(x, xAt + i + 3 * L).sub(mean).mul(r);
          FloatVector d0 = load(dy, dyAt + i);
          FloatVector d1 = load(dy, dyAt + i + L);
          FloatVector d2 = load(dy, dyAt + i + 2 * L);
          FloatVector d3 = load(dy, dyAt + i + 3 * L);
          d0.fma(unit0, load(dw, i)).intoArray(dw, i);
          d1.fma(unit1, load(dw, i + L)).intoArray(dw, i + L);
          d2.fma(unit2, load(dw, i + 2 * L)).intoArray(dw, i + 2 * L);
          d3.fma(unit3, load(dw, i + 3 * L)).intoArray(dw, i + 3 * L);
          d0.add(load(db, i)).intoArray(db, i);
          d1.add(load(db, i + L)).intoArray(db, i + L);
          d2.add(load(db, i + 2 * L)).intoArray(db, i + 2 * L);
          d3.add(load(db, i + 3 * L)).intoArray(db, i + 3 * L);
          d0 = d0.mul(load(w, wAt + i));
          d1 = d1.mul(load(w, wAt + i + L));
          d2 = d2.mul(load(w, wAt + i + 2 * L));
          d3 = d3.mul(load(w, wAt + i + 3 * L));
          h0 = h0.add(d0);
          h1 = h1.add(d1);
          h2 = h2.add(d2);
          h3 = h3.add(d3);
          hx0 = d0.fma(unit0, hx0);
          hx1 = d1.fma(unit1, hx1);
          hx2 = d2.fma(unit2, hx2);
          hx3 = d3.fma(unit3, hx3);
        }
        h0.intoArray(h, column);
        h1.intoArray(h, column + L);
        h2.intoArray(h, column + 2 * L);
        h3.intoArray(h, column + 3 * L);
        hx0.intoArray(hx, column);
        hx1.intoArray(hx, column + L);
        hx2.intoArray(hx, column + 2 * L);
        hx3.intoArray(hx, column + 3 * L);
      }
      ScalarRows.normSums(mean, r, x, xAt, w, wAt, dy, dyAt, dw, db, whole, to, h, hx);
      sums[0] += VectorSimd.fold(h);
      sums[1] += VectorSimd.fold(hx);
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
    FloatVector down = broadcast(S, -slope);
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector unit = load(x, xAt + i).sub(mean).mul(r);
      FloatVector h = load(dy, dyAt + i).mul(load(w, wAt + i));
      down.fma(unit, h.sub(level)).mul(r).intoArray(dx, dxAt + i);
    }
    REST.normGrad(mean, r, level, slope, x, xAt + i, w, wAt + i, dy, dyAt + i, dx, dxAt + i, n - i);
  }
}
