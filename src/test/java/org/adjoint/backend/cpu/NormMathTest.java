package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.adjoint.backend.cpu.NormMath.Row;
import org.adjoint.backend.cpu.NormMath.Sums;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormMathTest {
  private static final int[] LENGTHS = {0, 1, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1000, 4200};
  private static final float[] ODD = {Float.NaN, 1 / 0f, -1 / 0f, -0f, 0f, 1e-40f, -1e30f, 3e38f};

  private interface Call {
    /**
     * Two rows in x, from 1 on, and two in dy, from 2 on; w from 2 on. Writes out: dx from 3 on, dw
     * and db.
     */
    void run(NormMath m, float[] x, float[] w, float[] dy, float[][] out, Sums[] sums, int n);
  }

  private static Row row(int at, float mean, float r) {
    Row row = new Row();
    row.x = 1 + at;
    row.dy = 2 + at;
    row.mean = mean;
    row.r = r;
    row.level = 0.2f;
    row.slope = 0.9f;
    return row;
  }

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private enum Pass {
    MOMENTS((m, x, w, dy, out, sums, n) -> m.moments(0.3f, x, 1 + n, sums[0], n)),
    NORMALISE((m, x, w, dy, out, sums, n) ->
        m.normalise(row(0, 0.3f, 1.7f), x, w, 2, dy, 2, out[0], 3, 1 + n, sums[0], n)),
    SLOPES((m, x, w, dy, out, sums, n) -> m.slopes(row(n, -0.4f, 0.6f), x, dy, w, 2, sums[0], n)),
    GRADIENT((m, x, w, dy, out, sums, n) -> {
      Row row = row(0, 0.3f, 1.7f);
      Row next = row(n, -0.4f, 0.6f);
      m.gradient(row, next, 1 + n, x, dy, w, 2, out[0], 3, out[1], out[2], sums[0], sums[1], n);
    });

    final Call call;

    Pass(Call call) {
      this.call = call;
    }
  }

  private static float[][] outputs(int n) {
    return new float[][] {SomeFloats.of(n, 4), SomeFloats.of(n, 5), SomeFloats.of(n, 6)};
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameBitsAtEveryWidth(Pass pass) {
    for (int n : LENGTHS) {
      for (int odd = -1; odd < ODD.length; odd++) {
        float[] x = SomeFloats.of(2 * n, 1);
        float[] w = SomeFloats.of(n, 2);
        float[] dy = SomeFloats.of(2 * n, 3);
        if (odd >= 0) {
          x[1 + n / 2] = ODD[odd];
          x[1 + n + n / 2] = ODD[odd];
          dy[2 + n + n / 3] = ODD[odd];
        }
        float[][] want = outputs(n);
        Sums[] sums = {new Sums(), new Sums()};
        pass.call.run(new ScalarNorms(), x, w, dy, want, sums, n);
        for (NormMath norms : Simds.norms()) {
          String where = "%s, %s, n = %d, odd %d".formatted(pass, norms.name(), n, odd);
          float[][] got = outputs(n);
          Sums[] others = {new Sums(), new Sums()};
          others[0].p[n % 16] = 7; // left from before
          others[0].first = 7;
          pass.call.run(norms, x, w, dy, got, others, n);
          for (int i = 0; i < sums.length; i++) {
            assertEquals(sums[i].first, others[i].first, where);
            assertEquals(sums[i].second, others[i].second, where);
          }
          assertArrayEquals(want, got, where);
        }
      }
    }
  }

  @Test
  void sumsAreThoseOfTheFormulas() {
    int n = 1030;
    float[] x = SomeFloats.of(2 * n, 1);
    float[] w = SomeFloats.of(n, 2);
    float[] dy = SomeFloats.of(2 * n, 3);
    double[] want = new double[4];
    for (int i = 0; i < n; i++) {
      double h = dy[2 + n + i] * (double) w[2 + i];
      want[0] += h;
      want[1] += h * (x[1 + n + i] + 0.4) * 0.6;
      want[2] += x[1 + n + i];
      want[3] += x[1 + n + i] * (double) x[1 + n + i];
    }
    Sums[] sums = {new Sums(), new Sums()};
    Pass.GRADIENT.call.run(NormMath.best(), x, w, dy, outputs(n), sums, n);
    double[] got = {sums[0].first, sums[0].second, sums[1].first, sums[1].second};
    assertArrayEquals(want, got, 0.02);
  }

  @Test
  void bestIsOneOfThem() {
    assertEquals(Simd.best().name(), NormMath.best().name());
    assertTrue(Simds.norms().stream().anyMatch(m -> m.name().equals(NormMath.best().name())));
  }
}
