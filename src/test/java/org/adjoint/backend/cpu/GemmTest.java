package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adjoint.backend.cpu.Gemm.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GemmTest {
  /** All of 0, 1, 5, 127, 128, 129 in each place, K beyond one slice, and LeNet's. */
  static Stream<Arguments> sizes() {
    int[] awkward = {0, 1, 5, 127, 128, 129};
    Stream<int[]> cube =
        IntStream.range(0, 216)
            .mapToObj(i -> new int[] {awkward[i / 36], awkward[i / 6 % 6], awkward[i % 6]});
    Stream<int[]> others =
        Stream.of(
            new int[] {32, 576, 25},
            new int[] {64, 16, 800},
            new int[] {100, 10, 256},
            new int[] {7, 33, 255},
            new int[] {7, 33, 256},
            new int[] {7, 33, 257},
            new int[] {3, 5, 1025},
            new int[] {500, 1100, 64});
    return Stream.concat(cube, others).map(s -> Arguments.of(s[0], s[1], s[2]));
  }

  private static float[] random(Random random, int n, boolean integers) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = integers ? random.nextInt(-4, 5) : (float) random.nextGaussian();
    }
    return x;
  }

  /** A matrix of random layout: rows or columns contiguous, or neither, or a row repeated. */
  private static Matrix matrix(Random random, int rows, int columns, boolean in, boolean integers) {
    int gap = random.nextInt(1, 3);
    int pad = random.nextInt(0, 4);
    int offset = random.nextInt(0, 5);
    int rowStride = columns * gap + pad;
    int columnStride = gap;
    if (random.nextBoolean()) {
      columnStride = rows * gap + pad;
      rowStride = gap;
    }
    if (in && random.nextInt(8) == 0) {
      rowStride = 0;
    }
    int size = offset + Math.max(rows, 1) * rowStride + Math.max(columns, 1) * columnStride + 3;
    return new Matrix(
        random(random, size, integers), offset, rows, columns, rowStride, columnStride);
  }

  private static int at(Matrix m, int i, int j) {
    return m.offset() + i * m.rowStride() + j * m.columnStride();
  }

  private static float get(Matrix m, int i, int j) {
    return m.data()[at(m, i, j)];
  }

  private static Matrix copy(Matrix m) {
    return new Matrix(
        m.data().clone(), m.offset(), m.rows(), m.columns(), m.rowStride(), m.columnStride());
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void isNearTheSumInDoubleAndExactOnSmallIntegers(int m, int n, int k) {
    Random random = new Random(m * 31L * 31 + n * 31L + k);
    for (boolean integers : new boolean[] {false, true}) {
      for (boolean accumulate : new boolean[] {false, true}) {
        Matrix a = matrix(random, m, k, true, integers);
        Matrix b = matrix(random, k, n, true, integers);
        Matrix c = matrix(random, m, n, false, integers);
        Matrix got = copy(c);
        float[] untouched = c.data().clone();
        Gemm.multiply(a, b, got, accumulate);
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            double sum = accumulate ? get(c, i, j) : 0;
            double magnitude = Math.abs(sum);
            for (int t = 0; t < k; t++) {
              double term = (double) get(a, i, t) * get(b, t, j);
              sum += term;
              magnitude += Math.abs(term);
            }
            double bound = integers ? 0 : (4 * Math.sqrt(k) + 2) * 0x1p-24 * magnitude;
            double difference = Math.abs(get(got, i, j) - sum);
            assertTrue(difference <= bound, () -> "off by " + difference + ", allowed " + bound);
            untouched[at(c, i, j)] = get(got, i, j);
          }
        }
        assertArrayEquals(untouched, got.data(), "wrote beside C");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void bitsDependOnNeitherWidthNorThreads(int m, int n, int k) {
    Random random = new Random(m * 37L * 37 + n * 37L + k);
    Matrix a = matrix(random, m, k, true, false);
    Matrix b = matrix(random, k, n, true, false);
    Matrix c = matrix(random, m, n, false, false);
    Matrix first = copy(c);
    Gemm.multiply(new ScalarSimd(), a, b, first, true);
    for (Simd simd : Simds.all()) {
      for (int threads = 1; threads <= 3; threads++) {
        Matrix other = copy(c);
        Parallel.withThreads(threads, () -> Gemm.multiply(simd, a, b, other, true));
        assertArrayEquals(first.data(), other.data(), simd.name());
      }
    }
  }

  @Test
  void anElementDependsOnItsRowAndColumnAlone() {
    Random random = new Random(5);
    int n = 300;
    Matrix a = Matrix.of(random(random, n * n, false), 0, n, n);
    Matrix b = Matrix.of(random(random, n * n, false), 0, n, n);
    Matrix c = Matrix.of(new float[n * n], 0, n, n);
    Gemm.multiply(a, b, c, false);
    for (int i : new int[] {0, 5, 6, 239, 240, 299}) {
      for (int j : new int[] {0, 31, 32, 287, 288, 299}) {
        Matrix row = new Matrix(a.data(), i * n, 1, n, n, 1);
        Matrix column = new Matrix(b.data(), j, n, 1, n, 1);
        float[] alone = new float[1];
        Gemm.multiply(row, column, Matrix.of(alone, 0, 1, 1), false);
        assertEquals(get(c, i, j), alone[0]);
      }
    }
  }

  @Test
  void nothingToAddGivesZerosOrLeavesC() {
    float[] c = {1, 2, 3, 4, 5, 6};
    Matrix a = Matrix.of(new float[0], 0, 2, 0);
    Matrix b = Matrix.of(new float[0], 0, 0, 3);
    Gemm.multiply(a, b, Matrix.of(c, 0, 2, 3), true);
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, c);
    Gemm.multiply(a, b, Matrix.of(c, 0, 2, 3), false);
    assertArrayEquals(new float[6], c);
  }

  @Test
  void nanAndInfinitySpreadToTheirRowAndColumnOnly() {
    int n = 40;
    for (Simd simd : Simds.all()) {
      float[] a = random(new Random(1), n * n, true);
      float[] b = new float[n * n];
      float[] c = new float[n * n];
      a[7 * n + 39] = Float.POSITIVE_INFINITY;
      b[39 * n + 33] = 2;
      b[11] = Float.NaN;
      Gemm.multiply(
          simd, Matrix.of(a, 0, n, n), Matrix.of(b, 0, n, n), Matrix.of(c, 0, n, n), false);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          float v = c[i * n + j];
          if (j == 11 || i == 7 && j != 33) { // ∞ · 0 is NaN
            assertTrue(Float.isNaN(v));
          } else if (i == 7) {
            assertEquals(Float.POSITIVE_INFINITY, v);
          } else {
            assertTrue(Float.isFinite(v));
          }
        }
      }
    }
  }

  @Test
  void wrongSizesAreRefused() {
    float[] x = new float[12];
    Matrix a = Matrix.of(x, 0, 3, 4);
    assertThrows(
        IllegalArgumentException.class,
        () -> Gemm.multiply(a, a, Matrix.of(new float[12], 0, 3, 4), false));
    assertThrows(IndexOutOfBoundsException.class, () -> Matrix.of(x, 1, 3, 4));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> new Matrix(x, 0, Integer.MAX_VALUE, 2, Integer.MAX_VALUE, 1));
    assertThrows(IllegalArgumentException.class, () -> new Matrix(x, 0, 2, 2, -1, 1));
  }
}
