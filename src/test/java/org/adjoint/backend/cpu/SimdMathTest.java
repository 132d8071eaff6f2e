package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.adjoint.op.Erf;
import org.adjoint.op.Erfc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimdMathTest {
  /** Distance between the floats that are tried, in units of their bits: odd, so no bit rests. */
  private static final int STEP = 9973;

  private interface Call {
    void run(SimdMath math, float[] x, int xAt, float[] y, int yAt, int n);
  }

  /** The functions, what they mean, and how far they may be from it, in units of the last place. */
  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private enum Function {
    EXP((m, x, p, y, q, n) -> m.exp(0, x, p, y, q, n), StrictMath::exp, 1),
    EXPM1(SimdMath::expm1, StrictMath::expm1, 2),
    LOG(SimdMath::log, StrictMath::log, 1),
    LOG1P(SimdMath::log1p, StrictMath::log1p, 1),
    TANH(SimdMath::tanh, StrictMath::tanh, 2),
    SIGMOID(SimdMath::sigmoid, SimdMathTest::sigmoid, 2.5),
    SOFTPLUS((m, x, p, y, q, n) -> m.softplus(1, x, p, y, q, n), SimdMathTest::softplus, 2),
    ERF(SimdMath::erf, new Erf()::f, 1),
    ERFC(SimdMath::erfc, new Erfc()::f, 4);

    final Call call;
    final DoubleUnaryOperator definition;
    final double ulps;

    Function(Call call, DoubleUnaryOperator definition, double ulps) {
      this.call = call;
      this.definition = definition;
      this.ulps = ulps;
    }
  }

  private static double sigmoid(double x) {
    double e = StrictMath.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
  }

  /** Floats of all sizes, with NaN, infinities, zeros and the largest and smallest numbers. */
  private static float[] floats() {
    float[] special = {
      Float.NaN,
      1 / 0f,
      -1 / 0f,
      0f,
      -0f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_NORMAL,
      -1f,
      1f,
      88.72284f,
      -103.9f,
      -103.97f,
      -87.4f
    };
    int count = (int) ((1L << 32) / STEP);
    float[] x = new float[special.length + count];
    System.arraycopy(special, 0, x, 0, special.length);
    for (int i = 0; i < count; i++) {
      x[special.length + i] = Float.intBitsToFloat(i * STEP);
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource
  void isAsGoodAsItSays(Function function) {
    float[] x = floats();
    float[] y = new float[x.length];
    function.call.run(SimdMath.best(), x, 0, y, 0, x.length);
    for (int i = 0; i < x.length; i++) {
      double exact = function.definition.applyAsDouble(x[i]);
      float nearest = (float) exact;
      boolean near = Math.abs(y[i] - exact) <= function.ulps * Math.ulp(nearest);
      boolean same = Float.floatToIntBits(y[i]) == Float.floatToIntBits(nearest);
      // The largest floats may be reached a little early or late.
      boolean edge = Float.isInfinite(nearest) && Math.abs(y[i]) > 0x1.fffff0p127;
      if (!near && !same && !edge) {
        assertEquals(nearest, y[i], function + " of " + x[i]);
      }
      if (exact == 0) {
        assertEquals(1 / nearest, 1 / y[i], function + " of " + x[i] + " has the other sign");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameBitsAtEveryWidth(Function function) {
    float[] x = floats();
    float[] expected = new float[x.length];
    function.call.run(new ScalarMath(), x, 0, expected, 0, x.length);
    for (SimdMath math : Simds.math()) {
      float[] y = new float[x.length];
      // Pieces of odd lengths, so that ends are taken too; often enough for the JIT to step in.
      for (int at = 0; at < x.length; at += 1021) {
        function.call.run(math, x, at, y, at, Math.min(1021, x.length - at));
      }
      for (int i = 0; i < x.length; i++) {
        if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(y[i])) {
          assertEquals(expected[i], y[i], math.name() + ": " + function + " of " + x[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 15, 16, 17, 31, 64, 255, 256, 257, 513})
  void writesItsRangeAloneAndMayWorkInPlace(int n) {
    float[] x = new float[n + 9];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 % 101 - 50) / 16f;
    }
    for (Function function : Function.values()) {
      for (SimdMath math : Simds.math()) {
        float[] y = x.clone();
        function.call.run(math, y, 4, y, 4, n);
        float[] apart = x.clone();
        function.call.run(new ScalarMath(), x, 4, apart, 4, n);
        for (int i = 0; i < x.length; i++) {
          assertEquals(apart[i], y[i], math.name() + ": " + function + " at " + i);
        }
      }
    }
  }

  @Test
  void bestIsOneOfThem() {
    assertEquals(Simd.best().name(), SimdMath.best().name());
    assertTrue(Simds.math().stream().anyMatch(m -> m.name().equals(SimdMath.best().name())));
  }
}
