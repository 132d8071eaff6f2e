package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.adjoint.backend.cpu.Im2col.Geometry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Im2colTest {
  @ParameterizedTest
  @MethodSource("org.adjoint.backend.cpu.Windows#all")
  void eachElementIsWhatItsTapSees(Geometry g) {
    Random random = new Random(g.hashCode());
    float[] image = new float[3 + g.channels() * g.inputSize()];
    for (int i = 0; i < image.length; i++) {
      image[i] = 1 + random.nextInt(100);
    }
    int stride = g.outputSize() + 2;
    float[] want = new float[5 + g.rows() * stride];
    Arrays.fill(want, -1);
    float[] matrix = want.clone();
    float[] wantBack = image.clone();
    float[] weights = new float[want.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextInt(-9, 10);
    }
    for (int row = 0; row < g.rows(); row++) {
      for (int o = 0; o < g.outputSize(); o++) {
        int cell = Windows.cell(g, o, row % g.taps());
        int at = 3 + row / g.taps() * g.inputSize() + cell;
        want[5 + row * stride + o] = cell < 0 ? 0 : image[at];
        if (cell >= 0) {
          wantBack[at] += weights[5 + row * stride + o];
        }
      }
    }
    Im2col.im2col(g, image, 3, matrix, 5, stride);
    assertArrayEquals(want, matrix);
    Im2col.col2im(g, weights, 5, stride, image, 3);
    assertArrayEquals(wantBack, image);
  }

  @Test
  void impossibleWindowsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> window(4, 5, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> window(4, 3, 1, 0, 2));
    assertThrows(IllegalArgumentException.class, () -> window(4, 3, 0, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> window(4, 3, 1, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> window(4, 0, 1, 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Geometry(1, new int[2], new int[1], new int[1], new int[1], new int[1]));
    assertEquals(1, window(4, 2, 1, 0, 3).output(0));
    assertTrue(window(4, 1, 1, 0, 1).isIdentity());
    assertFalse(window(4, 1, 2, 0, 1).isIdentity());
  }

  private static Geometry window(int input, int kernel, int stride, int padding, int dilation) {
    return new Geometry(
        1,
        new int[] {input},
        new int[] {kernel},
        new int[] {stride},
        new int[] {padding},
        new int[] {dilation});
  }
}
