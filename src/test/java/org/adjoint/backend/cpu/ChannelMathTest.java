package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.adjoint.backend.cpu.ChannelMath.Factors;
import org.adjoint.backend.cpu.NormMath.Sums;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChannelMathTest {
  private static final int[] LENGTHS = {0, 1, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 1000, 1040};
  private static final float[] ODD = {Float.NaN, 1 / 0f, -1 / 0f, -0f, 1e-40f, 3e38f};
  private static final int ROWS = 3;

  private interface Call {
    /** Reads x from 1 on and dy from 2 on; rows are n apart. Writes out. */
    void run(ChannelMath m, Factors f, float[] x, float[] dy, float[][] out, Sums sums, int n);
  }

  @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
  private enum Pass {
    SCALE((m, f, x, dy, out, sums, n) -> m.scale(f, 2, x, 1, out[0], 3, n)),
    PRODUCTS((m, f, x, dy, out, sums, n) -> m.products(0.3f, x, 1, dy, 2, sums, n)),
    COMBINE((m, f, x, dy, out, sums, n) -> m.combine(f, 2, x, 1, dy, 2, out[0], 3, n)),
    COLUMN_MOMENTS((m, f, x, dy, out, sums, n) ->
        m.columnMoments(f.shift, 2, x, 1, n, ROWS, out[0], out[1], n)),
    SCALE_COLUMNS((m, f, x, dy, out, sums, n) -> m.scaleColumns(f, 2, x, 1, out[0], 3, n)),
    COLUMN_PRODUCTS((m, f, x, dy, out, sums, n) ->
        m.columnProducts(f.shift, 2, x, 1, dy, 2, n, ROWS, out[0], out[1], n)),
    COMBINE_COLUMNS(
        (m, f, x, dy, out, sums, n) -> m.combineColumns(f, 2, x, 1, dy, 2, out[0], 3, n));

    final Call call;

    Pass(Call call) {
      this.call = call;
    }
  }

  private static Factors factors(int n) {
    Factors f = new Factors(n + 9);
    float[][] all = {f.shift, f.off, f.by, f.level, f.slope, f.tilt, f.rest};
    for (int k = 0; k < all.length; k++) {
      System.arraycopy(SomeFloats.of(n, k), 0, all[k], 0, n + 9);
    }
    return f;
  }

  @ParameterizedTest
  @EnumSource
  void hasTheSameBitsAtEveryWidth(Pass pass) {
    for (int n : LENGTHS) {
      for (int odd = -1; odd < ODD.length; odd++) {
        float[] x = SomeFloats.of(ROWS * n, 1);
        float[] dy = SomeFloats.of(ROWS * n, 3);
        if (odd >= 0) {
          x[1 + n / 2] = ODD[odd];
          dy[2 + n / 3] = ODD[odd];
        }
        float[][] want = {SomeFloats.of(n, 4), SomeFloats.of(n, 5)};
        Sums sums = new Sums();
        pass.call.run(new ScalarChannels(), factors(n), x, dy, want, sums, n);
        for (ChannelMath math : Simds.channels()) {
          String where = "%s, %s, n = %d, odd %d".formatted(pass, math.name(), n, odd);
          float[][] got = {SomeFloats.of(n, 4), SomeFloats.of(n, 5)};
          Sums others = new Sums();
          others.p[n % 16] = 7; // left from before
          others.first = 7;
          pass.call.run(math, factors(n), x, dy, got, others, n);
          if (pass == Pass.PRODUCTS) {
            assertEquals(sums.first, others.first, where);
            assertEquals(sums.second, others.second, where);
          }
          assertArrayEquals(want, got, where);
        }
      }
    }
  }
}
