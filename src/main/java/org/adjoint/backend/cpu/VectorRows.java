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
}
