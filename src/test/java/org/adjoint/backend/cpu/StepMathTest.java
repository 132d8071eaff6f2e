package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.adjoint.backend.cpu.StepMath.Descent;
import org.adjoint.backend.cpu.StepMath.Moments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepMathTest {
  private static final float[] SPECIAL = {0f, -0f, Float.NaN, 1 / 0f, -1 / 0f, 1e-40f, 3e38f};

  private interface Step {
    /** Changes {@code w}, {@code m}, {@code v} and {@code p} by the gradient {@code g}. */
    void run(StepMath by, float[] w, float[] m, float[] v, float[] p, float[] g);
  }

  /** Weights, what is remembered of them, and gradients: numbers with special ones strewn in. */
  private static float[][] arrays(int n) {
    Random random = new Random(n);
    float[][] arrays = new float[5][n + 9];
    for (float[] x : arrays) {
      for (int i = 0; i < x.length; i++) {
        boolean special = random.nextInt(7) == 0;
        x[i] =
            special ? SPECIAL[random.nextInt(SPECIAL.length)] : (float) random.nextGaussian() / 3;
      }
    }
    return arrays;
  }

  /** The bits of all arrays; those of NaN do not count. */
  private static int[] bits(float[][] arrays) {
    return Arrays.stream(arrays)
        .flatMapToInt(x -> {
          int[] bits = new int[x.length];
          Arrays.setAll(bits, i -> Float.floatToIntBits(x[i]));
          return Arrays.stream(bits);
        })
        .toArray();
  }

  private static void assertSameBits(int n, Step step) {
    int[] first = {};
    for (StepMath by : Simds.steps()) {
      float[][] a = arrays(n);
      step.run(by, a[0], a[1], a[2], a[3], a[4]);
      if (by instanceof ScalarSteps) {
        first = bits(a);
      } else {
        assertArrayEquals(first, bits(a));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 15, 16, 17, 31, 63, 64, 127, 128, 129})
  void descentHasTheSameBitsAtEveryWidth(int n) {
    for (float momentum : new float[] {0, 0.9f}) {
      for (float decay : new float[] {0, 0.01f}) {
        for (boolean nesterov : new boolean[] {false, true}) {
          Descent by = new Descent(0.1f, momentum, decay, nesterov);
          assertSameBits(n, (s, w, m, v, p, g) -> s.descend(by, w, 1, v, 2, g, 3, n));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 15, 16, 17, 31, 63, 64, 127, 128, 129})
  void adamHasTheSameBitsAtEveryWidth(int n) {
    for (float decay : new float[] {0, 0.01f}) {
      Moments by = new Moments(0.99f, decay, 0.9f, 0.1f, 0.999f, 0.001f, 0.0316f, 1e-8f, 0.01f);
      assertSameBits(n, (s, w, m, v, p, g) -> s.adapt(by, w, 1, m, 2, v, 3, p, 4, g, 0, n));
      assertSameBits(n, (s, w, m, v, p, g) -> s.adapt(by, w, 1, m, 2, v, 3, v, 3, g, 0, n));
    }
  }

  @Test
  void stepsAreWhatTheySay() {
    for (StepMath step : Simds.steps()) {
      int n = 21;
      float[] w = filled(n, 8);
      float[] v = filled(n, 2);
      step.descend(new Descent(0.5f, 0.5f, 0.25f, false), w, 0, v, 0, filled(n, 1), 0, n);
      assertArrayEquals(filled(n, 4), v); // ½ · 2 + (1 + ¼ · 8)
      assertArrayEquals(filled(n, 6), w); // 8 − ½ · 4
      step.descend(new Descent(0.5f, 0.5f, 0, true), w, 0, v, 0, filled(n, 2), 0, n);
      assertArrayEquals(filled(n, 4), v); // ½ · 4 + 2
      assertArrayEquals(filled(n, 4), w); // 6 − ½ · (½ · 4 + 2)

      float[] m = filled(n, 4);
      float[] p = filled(n, 64);
      Moments by = new Moments(0.5f, 0, 0.5f, 0.5f, 0.5f, 0.5f, 2, 0, 8);
      step.adapt(by, w, 0, m, 0, v, 0, p, 0, filled(n, 4), 0, n);
      assertArrayEquals(filled(n, 4), m); // ½ · 4 + ½ · 4
      assertArrayEquals(filled(n, 10), v); // ½ · 4 + ½ · 16
      assertArrayEquals(filled(n, 64), p); // the larger one
      assertArrayEquals(filled(n, -6), w); // ½ · 4 − 8 · 4 / (√64 / 2)
    }
  }

  @Test
  void hereAreAllWidths() {
    assertEquals(Simds.all().size(), Simds.steps().size());
    assertEquals(List.of(ScalarSteps.class), List.of(Simds.steps().get(0).getClass()));
  }

  private static float[] filled(int n, float value) {
    float[] x = new float[n];
    Arrays.fill(x, value);
    return x;
  }
}
