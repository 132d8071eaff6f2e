package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.adjoint.backend.cpu.NormMath.Sums;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormMathTest {
  private static final int[] LENGTHS = {0, 1, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1000, 4200};
  private static final float[] ODD = {Float.NaN, 1 / 0f, -1 / 0f, -0f, 0f, 1e-40f, -1e30f, 3e38f};

  private interface Call {
    /** Two rows in x and in dy, from 1 and 2 on, w from 2 on; writes y from 3 on, dw and db. */
    void run(NormMath m, float[] x, float[] w, float[] dy, float[][] out, Sums sums, int n);
  }

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private enum Pass {
    MOMENTS((m, x, w, dy, out, sums, n) -> m.moments(0.3f, x, 1 + n, sums, n)),
    NORMALISE((m, x, w, dy, out, sums, n) ->
        m.normalise(0.3f, 1.7f, x, 1, w, 2, dy, 2, out[0], 3, 1 + n, sums, n)),
    SLOPES((m, x, w, dy, out, sums, n) -> {
      float[] mean = {0.3f, -0.4f};
      float[] r = {1.7f, 0.6f};
      float[] slopes = new float[40];
      m.slopes(2, mean, r, x, 1, w, 2, dy, 2, out[1], out[2], slopes, n);
      System.arraycopy(slopes, 0, sums.p, 0, 40);
    }),
    GRADIENT((m, x, w, dy, out, sums, n) ->
        m.gradient(0.3f, 1.7f, 0.2f, 0.9f, x, 1, w, 2, dy, 2, out[0], 3, n));

    final Call call;

    Pass(Call call) {
      this.call = call;
    }
  }

  private static float[] numbers(int n, int seed) {
    float[] x = new float[n + 9];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 + seed * 11) % 101 / 7f - 7;
    }
    return x;
  }

  private static float[][] outputs(int n) {
    return new float[][] {numbers(n, 4), numbers(n, 5), numbers(n, 6)};
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameBitsAtEveryWidth(Pass pass) {
    for (int n : LENGTHS) {
      for (int odd = -1; odd < ODD.length; odd++) {
        float[] x = numbers(2 * n, 1);
        float[] w = numbers(n, 2);
        float[] dy = numbers(2 * n, 3);
        if (odd >= 0) {
          x[1 + n / 2] = ODD[odd];
          x[1 + n + n / 2] = ODD[odd];
          dy[2 + n + n / 3] = ODD[odd];
        }
        float[][] want = outputs(n);
        Sums sums = new Sums();
        pass.call.run(new ScalarNorms(), x, w, dy, want, sums, n);
        for (NormMath norms : Simds.norms()) {
          String where = "%s, %s, n = %d, odd %d".formatted(pass, norms.name(), n, odd);
          float[][] got = outputs(n);
          Sums other = new Sums();
          other.p[n % 64] = 7; // left from before
          pass.call.run(norms, x, w, dy, got, other, n);
          assertEquals(sums.first, other.first, where);
          assertEquals(sums.second, other.second, where);
          if (pass == Pass.SLOPES) {
            assertArrayEquals(Arrays.copyOf(sums.p, 40), Arrays.copyOf(other.p, 40), where);
          }
          assertArrayEquals(want, got, where);
        }
      }
    }
  }

  @Test
  void bestIsOneOfThem() {
    assertEquals(Simd.best().name(), NormMath.best().name());
    assertTrue(Simds.norms().stream().anyMatch(m -> m.name().equals(NormMath.best().name())));
  }
}
