package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackingTest {
  private static final int[] COUNTS = {0, 1, 7, 8, 9, 31, 32, 33, 65};
  private static final int[] DEPTHS = {0, 1, 7, 8, 9, 17, 129};

  /** The widths of all tiles there are: rows, and columns of every vector. */
  @ParameterizedTest
  @ValueSource(ints = {4, 6, 8, 16, 32})
  void everyElementComesToItsPlaceAndNothingElseChanges(int width) {
    List<Packing> all = new ArrayList<>(List.of(new ScalarPacking()));
    all.add(Packing.best());
    for (int count : COUNTS) {
      for (int depth : DEPTHS) {
        int[][] strides = {{1, count + 2}, {depth + 3, 1}, {2, 2 * count + 1}, {0, 1}, {1, 0}};
        for (int[] s : strides) {
          for (Packing packing : all) {
            check(packing, count, s[0], depth, s[1], width);
          }
        }
      }
    }
  }

  private static void check(
      Packing packing, int count, int lineStride, int depth, int stride, int width) {
    int at = 5;
    int to = 3;
    float[] x = new float[at + count * lineStride + depth * stride + 1];
    for (int i = 0; i < x.length; i++) {
      x[i] = i + 1;
    }
    int panels = Math.ceilDiv(count, width);
    float[] expected = new float[to + panels * depth * width + 4];
    Arrays.fill(expected, -1);
    for (int line = 0; line < panels * width; line++) {
      for (int k = 0; k < depth; k++) {
        expected[to + (line / width * depth + k) * width + line % width] =
            line < count ? x[at + line * lineStride + k * stride] : 0;
      }
    }
    float[] got = new float[expected.length];
    Arrays.fill(got, -1);
    packing.pack(x, at, count, lineStride, depth, stride, width, got, to);
    assertArrayEquals(expected, got);
  }
}
