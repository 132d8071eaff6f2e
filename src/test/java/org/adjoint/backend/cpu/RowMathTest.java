package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowMathTest {
  private static final int[] LENGTHS = {0, 1, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1000, 4200};
  private static final float[] ODD = {Float.NaN, 1 / 0f, -1 / 0f, -0f, 0f, 1e-40f, -1e30f, 3e38f};

  private interface Call {
    /** Reads rows x, w and b at 1, 2 and 3, writes y at 4 and z at 0; returns its sums. */
    double[] run(RowMath rows, float[] x, float[] w, float[] b, float[] y, float[] z, int n);
  }

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private enum Pass {
    MAX((m, x, w, b, y, z, n) -> new double[] {m.max(x, 1, n)}),
    EXP((m, x, w, b, y, z, n) -> new double[] {m.exp(m.max(x, 1, n), x, 1, y, 4, n)}),
    SUB_TWICE((m, x, w, b, y, z, n) -> {
      m.subTwice(0.3f, 0.7f, x, 1, y, 4, n);
      return new double[0];
    }),
    SOFTMAX_GRAD((m, x, w, b, y, z, n) -> {
      m.softmaxGrad(0.3f, x, 1, w, 2, y, 4, n);
      return new double[0];
    });

    final Call call;

    Pass(Call call) {
      this.call = call;
    }
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameBitsAtEveryWidth(Pass pass) {
    for (int n : LENGTHS) {
      for (int odd = -1; odd < ODD.length; odd++) {
        float[] x = SomeFloats.of(n, 1);
        float[] w = SomeFloats.of(n, 2);
        float[] b = SomeFloats.of(n, 3);
        if (odd >= 0) {
          x[1 + n / 2] = ODD[odd];
          b[3 + n / 3] = ODD[odd];
        }
        float[] y = SomeFloats.of(n, 4);
        float[] z = SomeFloats.of(n, 5);
        double[] sums = pass.call.run(new ScalarRows(), x, w, b, y, z, n);
        for (RowMath rows : Simds.rows()) {
          String where = "%s, %s, n = %d, odd %d".formatted(pass, rows.name(), n, odd);
          float[] other = SomeFloats.of(n, 4);
          float[] last = SomeFloats.of(n, 5);
          assertArrayEquals(sums, pass.call.run(rows, x, w, b, other, last, n), where);
          assertArrayEquals(y, other, where);
          assertArrayEquals(z, last, where);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 64, 65, 129, 1000})
  void maxIsTheLargestNumber(int n) {
    for (RowMath rows : Simds.rows()) {
      float[] x = new float[n + 2];
      Arrays.fill(x, -1e30f);
      x[0] = 9;
      x[n + 1] = 9; // outside
      assertEquals(n == 0 ? -1 / 0f : -1e30f, rows.max(x, 1, n), rows.name());
      for (int i = 1; i <= n; i++) {
        x[i] = i;
        assertEquals(i, rows.max(x, 1, n), rows.name());
      }
      for (int i = 2; i <= n; i++) {
        x[i] = Float.NaN;
      }
      assertEquals(n == 0 ? -1 / 0f : 1, rows.max(x, 1, n), rows.name());
    }
  }

  /** Beyond half the least subnormal number, and through all of them, two roundings would show. */
  @Test
  void expHasTheBitsOfSimdMathAndItsSumThoseOfSimd() {
    float[] x = new float[4160];
    for (int i = 0; i < x.length; i++) {
      x[i] = 3 - i / 32f;
    }
    x[7] = -1 / 0f;
    float[] expected = new float[x.length];
    new ScalarMath().exp(3, x, 0, expected, 0, x.length);
    double sum = new ScalarSimd().sum(expected, 0, x.length);
    for (RowMath rows : Simds.rows()) {
      float[] y = x.clone();
      assertEquals(sum, rows.exp(3, y, 0, y, 0, x.length), rows.name());
      assertArrayEquals(expected, y, rows.name());
    }
  }

  @Test
  void bestIsOneOfThem() {
    assertEquals(Simd.best().name(), RowMath.best().name());
    assertTrue(Simds.rows().stream().anyMatch(r -> r.name().equals(RowMath.best().name())));
  }
}
