package org.adjoint.backend.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static org.adjoint.backend.cpu.ScalarMath.ERFC_MOST;
import static org.adjoint.backend.cpu.ScalarMath.EXP_LEAST;
import static org.adjoint.backend.cpu.ScalarMath.EXP_MOST;
import static org.adjoint.backend.cpu.ScalarMath.ROUNDER_BITS;
import static org.adjoint.backend.cpu.ScalarMath.SQRT_HALF_BITS;
import static org.adjoint.backend.cpu.ScalarMath.TANH_SMALL;
import static org.adjoint.backend.cpu.ScalarMath.TINY;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link SimdMath} by the Vector API: {@link ScalarMath}, step by step, on many numbers at once.
 *
 * <p>HotSpot inlines the Vector API itself into whatever calls it, but a method of ours only while
 * the caller is small, and a vector that is handed to one that was not inlined is put on the heap.
 * So a loop calls one of ours, and that first.
 */
public final class VectorMath implements SimdMath {
  private static final VectorSpecies<Float> S =
      VectorSimd.species(System.getProperty("adjoint.simd", "best"));
  private static final int L = S.length();
  private static final int BLOCK = 256;
  private static final ScalarMath REST = new ScalarMath();

  private static final FloatVector ONE = FloatVector.broadcast(S, 1);
  private static final FloatVector MINUS_HALF = FloatVector.broadcast(S, -0.5f);
  private static final FloatVector TWO = FloatVector.broadcast(S, 2);
  private static final FloatVector LOG2_E = FloatVector.broadcast(S, ScalarMath.LOG2_E);
  private static final FloatVector ROUNDER = FloatVector.broadcast(S, ScalarMath.ROUNDER);
  private static final FloatVector LN2_HIGH = FloatVector.broadcast(S, ScalarMath.LN2_HIGH);
  private static final FloatVector LN2_LOW = FloatVector.broadcast(S, ScalarMath.LN2_LOW);
  private static final FloatVector E4 = FloatVector.broadcast(S, ScalarMath.E4);
  private static final FloatVector E3 = FloatVector.broadcast(S, ScalarMath.E3);
  private static final FloatVector E2 = FloatVector.broadcast(S, ScalarMath.E2);
  private static final FloatVector E1 = FloatVector.broadcast(S, ScalarMath.E1);
  private static final FloatVector E0 = FloatVector.broadcast(S, ScalarMath.E0);
  private static final FloatVector L7 = FloatVector.broadcast(S, ScalarMath.L7);
  private static final FloatVector L6 = FloatVector.broadcast(S, ScalarMath.L6);
  private static final FloatVector L5 = FloatVector.broadcast(S, ScalarMath.L5);
  private static final FloatVector L4 = FloatVector.broadcast(S, ScalarMath.L4);
  private static final FloatVector L3 = FloatVector.broadcast(S, ScalarMath.L3);
  private static final FloatVector L2 = FloatVector.broadcast(S, ScalarMath.L2);
  private static final FloatVector L1 = FloatVector.broadcast(S, ScalarMath.L1);
  private static final FloatVector L0 = FloatVector.broadcast(S, ScalarMath.L0);
  private static final FloatVector T4 = FloatVector.broadcast(S, ScalarMath.T4);
  private static final FloatVector T3 = FloatVector.broadcast(S, ScalarMath.T3);
  private static final FloatVector T2 = FloatVector.broadcast(S, ScalarMath.T2);
  private static final FloatVector T1 = FloatVector.broadcast(S, ScalarMath.T1);
  private static final FloatVector T0 = FloatVector.broadcast(S, ScalarMath.T0);
  private static final FloatVector F6 = FloatVector.broadcast(S, ScalarMath.F6);
  private static final FloatVector F5 = FloatVector.broadcast(S, ScalarMath.F5);
  private static final FloatVector F4 = FloatVector.broadcast(S, ScalarMath.F4);
  private static final FloatVector F3 = FloatVector.broadcast(S, ScalarMath.F3);
  private static final FloatVector F2 = FloatVector.broadcast(S, ScalarMath.F2);
  private static final FloatVector F1 = FloatVector.broadcast(S, ScalarMath.F1);
  private static final FloatVector F0 = FloatVector.broadcast(S, ScalarMath.F0);
  private static final FloatVector C10 = FloatVector.broadcast(S, ScalarMath.C10);
  private static final FloatVector C9 = FloatVector.broadcast(S, ScalarMath.C9);
  private static final FloatVector C8 = FloatVector.broadcast(S, ScalarMath.C8);
  private static final FloatVector C7 = FloatVector.broadcast(S, ScalarMath.C7);
  private static final FloatVector C6 = FloatVector.broadcast(S, ScalarMath.C6);
  private static final FloatVector C5 = FloatVector.broadcast(S, ScalarMath.C5);
  private static final FloatVector C4 = FloatVector.broadcast(S, ScalarMath.C4);
  private static final FloatVector C3 = FloatVector.broadcast(S, ScalarMath.C3);
  private static final FloatVector C2 = FloatVector.broadcast(S, ScalarMath.C2);
  private static final FloatVector C1 = FloatVector.broadcast(S, ScalarMath.C1);
  private static final FloatVector C0 = FloatVector.broadcast(S, ScalarMath.C0);

  @Override
  public String name() {
    return S.vectorBitSize() + "-bit";
  }

  private static FloatVector exp(FloatVector x) {
    FloatVector in =
        x.blend(EXP_MOST, x.compare(GT, EXP_MOST)).blend(EXP_LEAST, x.compare(LT, EXP_LEAST));
    FloatVector rounded = in.fma(LOG2_E, ROUNDER);
    FloatVector whole = rounded.sub(ROUNDER);
    FloatVector r = whole.neg().fma(LN2_LOW, whole.neg().fma(LN2_HIGH, in));
    FloatVector p = E4.fma(r, E3).fma(r, E2).fma(r, E1).fma(r, E0);
    IntVector n = rounded.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = n.lanewise(ASHR, 1);
    FloatVector power = half.add(127).lanewise(LSHL, 23).reinterpretAsFloats();
    FloatVector other = n.sub(half).add(127).lanewise(LSHL, 23).reinterpretAsFloats();
    return r.mul(r).fma(p, r).add(1).mul(power).mul(other);
  }

  @Override
  public void exp(float shift, float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      exp(FloatVector.fromArray(S, x, xAt + i).sub(shift)).intoArray(y, yAt + i);
    }
    REST.exp(shift, x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void expm1(float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xAt + i);
      FloatVector in = v.blend(EXP_MOST, v.compare(GT, EXP_MOST)).blend(-20, v.compare(LT, -20));
      FloatVector rounded = in.fma(LOG2_E, ROUNDER);
      FloatVector whole = rounded.sub(ROUNDER);
      FloatVector r = whole.neg().fma(LN2_LOW, whole.neg().fma(LN2_HIGH, in));
      FloatVector p = E4.fma(r, E3).fma(r, E2).fma(r, E1).fma(r, E0);
      IntVector exponent = rounded.reinterpretAsInts().sub(ROUNDER_BITS - 126);
      FloatVector power = exponent.lanewise(LSHL, 23).reinterpretAsFloats();
      FloatVector large = power.fma(r.mul(r).fma(p, r), power.sub(0.5f)).mul(2);
      large.blend(v, v.abs().compare(LT, TINY)).intoArray(y, yAt + i);
    }
    REST.expm1(x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void log(float[] x, int xAt, float[] y, int yAt, int n) {
    int whole = S.loopBound(n);
    log(0, 0, x, xAt, y, yAt, whole);
    REST.log(x, xAt + whole, y, yAt + whole, n - whole);
  }

  @Override
  public void log1p(float[] x, int xAt, float[] y, int yAt, int n) {
    int whole = S.loopBound(n);
    log(1, TINY, x, xAt, y, yAt, whole);
    REST.log1p(x, xAt + whole, y, yAt + whole, n - whole);
  }

  /** y = ln(x + shift), or x where it is below {@code tiny}; n is a multiple of the width. */
  private static void log(float shift, float tiny, float[] x, int xAt, float[] y, int yAt, int n) {
    FloatVector add = FloatVector.broadcast(S, shift);
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xAt + i);
      FloatVector u = v.add(add);
      FloatVector back = u.sub(add);
      FloatVector correction = add.sub(u.sub(back)).add(v.sub(back)).div(u);
      VectorMask<Float> subnormal = u.compare(LT, Float.MIN_NORMAL);
      IntVector bits = u.blend(u.mul(0x1p23f), subnormal).reinterpretAsInts();
      IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(ASHR, 23);
      FloatVector f = bits.sub(exponent.lanewise(LSHL, 23)).reinterpretAsFloats().sub(1);
      FloatVector whole = (FloatVector) exponent.convert(I2F, 0);
      FloatVector e = whole.blend(whole.sub(23), subnormal);
      FloatVector p = L7.fma(f, L6).fma(f, L5).fma(f, L4).fma(f, L3).fma(f, L2);
      p = p.fma(f, L1).fma(f, L0).fma(f, MINUS_HALF);
      FloatVector small = f.mul(f).fma(p, e.fma(LN2_LOW, correction));
      e.fma(LN2_HIGH, f.add(small))
          .blend(Float.NEGATIVE_INFINITY, u.compare(EQ, 0))
          .blend(Float.NaN, u.compare(LT, 0))
          .blend(u, u.compare(LT, Float.POSITIVE_INFINITY).not())
          .blend(v, v.abs().compare(LT, tiny))
          .intoArray(y, yAt + i);
    }
  }

  @Override
  public void sigmoid(float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xAt + i);
      FloatVector e = exp(v.abs().neg());
      ONE.blend(e, v.compare(LT, 0)).div(e.add(1)).intoArray(y, yAt + i);
    }
    REST.sigmoid(x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void tanh(float[] x, int xAt, float[] y, int yAt, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xAt + i);
      FloatVector a = v.abs();
      FloatVector large = ONE.sub(TWO.div(exp(a.add(a)).add(1)));
      FloatVector z = a.mul(a);
      FloatVector p = T4.fma(z, T3).fma(z, T2).fma(z, T1).fma(z, T0);
      FloatVector size = large.blend(a.mul(z).fma(p, a), a.compare(LT, TANH_SMALL));
      IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE);
      size.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yAt + i);
    }
    REST.tanh(x, xAt + i, y, yAt + i, n - i);
  }

  @Override
  public void softplus(float beta, float[] x, int xAt, float[] y, int yAt, int n) {
    float[] e = new float[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int size = Math.min(BLOCK, n - from);
      int whole = S.loopBound(size);
      for (int i = 0; i < whole; i += L) {
        exp(FloatVector.fromArray(S, x, xAt + from + i).mul(beta).abs().neg()).intoArray(e, i);
      }
      log1p(e, 0, e, 0, whole);
      for (int i = 0; i < whole; i += L) {
        FloatVector v = FloatVector.fromArray(S, x, xAt + from + i);
        v.blend(0, v.compare(LT, 0))
            .add(FloatVector.fromArray(S, e, i).div(beta))
            .intoArray(y, yAt + from + i);
      }
      REST.softplus(beta, x, xAt + from + whole, y, yAt + from + whole, size - whole);
    }
  }

  @Override
  public void erf(float[] x, int xAt, float[] y, int yAt, int n) {
    float[] c = new float[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int size = Math.min(BLOCK, n - from);
      int whole = S.loopBound(size);
      positiveErfc(x, xAt + from, c, whole);
      for (int i = 0; i < whole; i += L) {
        FloatVector v = FloatVector.fromArray(S, x, xAt + from + i);
        FloatVector a = v.abs();
        FloatVector z = a.mul(a);
        FloatVector p = F6.fma(z, F5).fma(z, F4).fma(z, F3).fma(z, F2).fma(z, F1).fma(z, F0);
        FloatVector e =
            ONE.sub(FloatVector.fromArray(S, c, i)).blend(a.fma(p, a), a.compare(LT, 1));
        IntVector sign = v.reinterpretAsInts().and(Integer.MIN_VALUE);
        e.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(y, yAt + from + i);
      }
      REST.erf(x, xAt + from + whole, y, yAt + from + whole, size - whole);
    }
  }

  @Override
  public void erfc(float[] x, int xAt, float[] y, int yAt, int n) {
    float[] c = new float[Math.min(n, BLOCK)];
    for (int from = 0; from < n; from += BLOCK) {
      int size = Math.min(BLOCK, n - from);
      int whole = S.loopBound(size);
      positiveErfc(x, xAt + from, c, whole);
      for (int i = 0; i < whole; i += L) {
        FloatVector v = FloatVector.fromArray(S, x, xAt + from + i);
        FloatVector a = v.abs();
        FloatVector z = a.mul(a);
        FloatVector p = F6.fma(z, F5).fma(z, F4).fma(z, F3).fma(z, F2).fma(z, F1).fma(z, F0);
        FloatVector e =
            FloatVector.fromArray(S, c, i).blend(ONE.sub(a.fma(p, a)), a.compare(LT, 0.5f));
        e.blend(TWO.sub(e), v.compare(LT, 0)).intoArray(y, yAt + from + i);
      }
      REST.erfc(x, xAt + from + whole, y, yAt + from + whole, size - whole);
    }
  }

  /** c = erfc |x|; n is a multiple of the width. */
  private static void positiveErfc(float[] x, int xAt, float[] c, int n) {
    for (int i = 0; i < n; i += L) {
      FloatVector v = FloatVector.fromArray(S, x, xAt + i).abs();
      FloatVector a = v.blend(ERFC_MOST, v.compare(GT, ERFC_MOST));
      FloatVector square = a.mul(a);
      FloatVector e = exp(square.neg());
      FloatVector t = a.sub(4).div(a.add(4));
      FloatVector p = C10.fma(t, C9).fma(t, C8).fma(t, C7).fma(t, C6).fma(t, C5).fma(t, C4);
      p = p.fma(t, C3).fma(t, C2).fma(t, C1).fma(t, C0);
      FloatVector y = e.mul(p.div(TWO.fma(a, ONE)));
      FloatVector lost = a.fma(a, square.neg());
      lost.neg().fma(y, y).intoArray(c, i);
    }
  }
}
