package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.adjoint.backend.cpu.Im2col.Geometry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaxPoolKernelsTest {
  private static final float[] SPECIAL = {
    0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };

  /** Small integers, so that maxima tie, with special values strewn in. */
  private static float[] random(Random random, int n, int oneIn) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      boolean special = random.nextInt(oneIn) == 0;
      x[i] = special ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextInt(-3, 4);
    }
    return x;
  }

  @ParameterizedTest
  @MethodSource("org.adjoint.backend.cpu.Windows#all")
  void isTheDirectMaximumAndItsGradientGoesBackToIt(Geometry g) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int in = g.inputSize();
      int out = g.outputSize();
      float[] x = random(random, 2 + g.channels() * in, seed % 2 == 0 ? 3 : 1000);
      float[] dy = random(random, 3 + g.channels() * out, 1_000_000);
      float[] wantY = new float[3 + g.channels() * out];
      long[] wantIndex = new long[5 + g.channels() * out];
      float[] wantDx = new float[2 + g.channels() * in];
      for (int c = 0; c < g.channels(); c++) {
        for (int o = 0; o < out; o++) {
          float best = Float.NEGATIVE_INFINITY;
          int at = -1;
          for (int t = 0; t < g.taps(); t++) {
            int cell = Windows.cell(g, o, t);
            float v = cell < 0 ? 0 : x[2 + c * in + cell];
            if (cell >= 0 && (at < 0 || v > best || Float.isNaN(v))) {
              best = v;
              at = cell;
            }
          }
          wantY[3 + c * out + o] = best;
          wantIndex[5 + c * out + o] = at;
          if (at >= 0) {
            wantDx[2 + c * in + at] += dy[3 + c * out + o];
          }
        }
      }
      for (int threads = 1; threads <= 3; threads++) {
        float[] y = new float[wantY.length];
        long[] index = new long[wantIndex.length];
        float[] dx = new float[wantDx.length];
        dx[2] = 99;
        Parallel.withThreads(
            threads,
            () -> {
              MaxPoolKernels.forward(g, x, 2, y, 3, index, 5);
              MaxPoolKernels.inputGrad(g, dy, 3, index, 5, dx, 2);
            });
        assertArrayEquals(wantIndex, index);
        assertArrayEquals(wantY, y);
        assertArrayEquals(wantDx, dx);
      }
    }
  }

  @Test
  void manyPlanesOnManyThreads() {
    int planes = 700;
    int[] three = {3, 3};
    Geometry g =
        new Geometry(planes, new int[] {24, 24}, three, three, new int[] {0, 0}, new int[] {1, 1});
    Random random = new Random(4);
    float[] x = new float[planes * 576];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() - 2; // negative: the sort of the bits turns round
    }
    for (int threads = 1; threads <= 3; threads++) {
      float[] y = new float[planes * 64];
      long[] index = new long[planes * 64];
      Parallel.withThreads(threads, () -> MaxPoolKernels.forward(g, x, 0, y, 0, index, 0));
      for (int i = 0; i < y.length; i++) {
        float best = -9;
        for (int t = 0; t < 9; t++) {
          best =
              Math.max(best, x[i / 64 * 576 + (i % 64 / 8 * 3 + t / 3) * 24 + i % 8 * 3 + t % 3]);
        }
        assertEquals(best, y[i]);
        assertEquals(best, x[i / 64 * 576 + (int) index[i]]);
      }
    }
  }
}
