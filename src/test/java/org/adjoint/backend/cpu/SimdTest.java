package org.adjoint.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimdTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float[] SPECIAL = {0f, -0f, NAN, INF, -INF, Float.MIN_VALUE, -1e-40f, 3e38f};

  /** Random numbers of mixed magnitude, with special ones strewn in. */
  private static float[] random(long seed, int n, boolean special) {
    Random random = new Random(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (random.nextGaussian() * Math.exp(4 * random.nextGaussian()));
      if (special && random.nextInt(7) == 0) {
        x[i] = SPECIAL[random.nextInt(SPECIAL.length)];
      }
    }
    return x;
  }

  private interface Call {
    void run(Simd simd, float[] out);
  }

  /** What a loop that says what is meant gives. */
  private interface Element {
    float at(int i);
  }

  private static void check(int n, float[] before, Element expected, Call call) {
    int at = 3;
    float[] want = before.clone();
    for (int i = 0; i < n; i++) {
      want[at + i] = expected.at(i);
    }
    for (Simd simd : Simds.all()) {
      float[] out = before.clone();
      call.run(simd, out);
      for (int i = 0; i < out.length; i++) { // assertArrayEquals would let −0 pass for +0
        assertEquals(Float.floatToIntBits(want[i]), Float.floatToIntBits(out[i]), simd.name());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 15, 16, 17, 31, 63, 64, 127, 128, 129, 1000})
  void elementwiseIsTheLoopItSaysAtEveryWidth(int n) {
    float[] a = random(n, n + 9, true);
    float[] b = random(n + 1, n + 9, true);
    float[] o = random(n + 2, n + 9, false);
    float s = 1.7f;
    check(n, o, i -> a[1 + i] + b[2 + i], (v, out) -> v.add(a, 1, b, 2, out, 3, n));
    check(n, o, i -> a[1 + i] - b[2 + i], (v, out) -> v.sub(a, 1, b, 2, out, 3, n));
    check(n, o, i -> a[1 + i] * b[2 + i], (v, out) -> v.mul(a, 1, b, 2, out, 3, n));
    check(n, o, i -> a[1 + i] / b[2 + i], (v, out) -> v.div(a, 1, b, 2, out, 3, n));
    check(n, o, i -> s * a[1 + i], (v, out) -> v.scale(s, a, 1, out, 3, n));
    check(n, o, i -> a[1 + i] + s, (v, out) -> v.addScalar(s, a, 1, out, 3, n));
    check(n, o, i -> Math.fma(s, a[1 + i], o[3 + i]), (v, out) -> v.axpy(s, a, 1, out, 3, n));
    check(
        n,
        o,
        i -> a[1 + i] > 0 ? a[1 + i] : Float.isNaN(a[1 + i]) ? NAN : 0f,
        (v, out) -> v.relu(a, 1, out, 3, n));
    check(n, o, i -> a[1 + i] > 0 ? b[2 + i] : 0f, (v, out) -> v.reluGrad(a, 1, b, 2, out, 3, n));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, 100_003})
  void sumsAreNearAndHaveTheSameBitsAtEveryWidth(int n) {
    float[] a = random(n, n + 2, false);
    float[] b = random(n + 1, n + 2, false);
    double sum = 0;
    double dot = 0;
    double absolute = 0;
    double absoluteDot = 0;
    for (int i = 0; i < n; i++) {
      sum += a[1 + i];
      absolute += Math.abs(a[1 + i]);
      dot += (double) a[1 + i] * b[2 + i];
      absoluteDot += Math.abs((double) a[1 + i] * b[2 + i]);
    }
    double ulps = (Simd.BLOCK / Simd.PARTIALS + 6) * 0x1p-24;
    double firstSum = new ScalarSimd().sum(a, 1, n);
    double firstDot = new ScalarSimd().dot(a, 1, b, 2, n);
    assertTrue(Math.abs(firstSum - sum) <= ulps * absolute);
    assertTrue(Math.abs(firstDot - dot) <= ulps * absoluteDot);
    for (Simd simd : Simds.all()) {
      for (int repeat = 0; repeat < 200; repeat++) { // long enough for the JIT to step in
        assertEquals(firstSum, simd.sum(a, 1, n), simd.name());
        assertEquals(firstDot, simd.dot(a, 1, b, 2, n), simd.name());
      }
    }
  }

  @Test
  void sumsOfSmallIntegersAreExactAndDropNoSummand() {
    int n = 5000;
    float[] x = new float[n];
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      x[i] = i % 13 - 5;
      sum += x[i];
      squares += x[i] * x[i];
    }
    for (Simd simd : Simds.all()) {
      assertEquals(sum, simd.sum(x, 0, n));
      assertEquals(squares, simd.dot(x, 0, x, 0, n));
    }
  }

  @Test
  void sumsCarryNanAndInfinity() {
    for (Simd simd : Simds.all()) {
      float[] x = new float[300];
      x[299] = INF;
      assertEquals(INF, simd.sum(x, 0, 300));
      x[3] = -INF;
      assertTrue(Double.isNaN(simd.sum(x, 0, 300)));
      assertTrue(Double.isNaN(simd.dot(x, 0, new float[300], 0, 300)));
    }
  }

  @Test
  void aTileHasTheSameBitsAsItsDefinition() {
    Random random = new Random(7);
    for (Simd simd : Simds.all()) {
      int rows = simd.tileRows();
      int columns = simd.tileColumns();
      int depth = 50;
      float[] a = random(1, depth * rows, false);
      float[] b = random(2, depth * columns, false);
      float[] c = random(random.nextInt(), rows * columns + 1, false);
      float[] want = c.clone();
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          float sum = 0;
          for (int k = 0; k < depth; k++) {
            sum = Math.fma(a[k * rows + i], b[k * columns + j], sum);
          }
          want[1 + i * columns + j] += sum;
        }
      }
      float[] gathered = c.clone();
      float[] crossed = c.clone();
      simd.tile(depth, a, 0, b, 0, c, 1, columns, true);
      assertArrayEquals(want, c, simd.name());

      // The halves of the rows, dealt out: the left ones backwards, the right ones after them.
      int half = columns / 2;
      float[] dealt = new float[2 * depth * half];
      int[] starts = new int[depth];
      for (int k = 0; k < depth; k++) {
        starts[k] = (depth - 1 - k) * half;
        System.arraycopy(b, k * columns, dealt, starts[k], half);
        System.arraycopy(b, k * columns + half, dealt, depth * half + starts[k], half);
      }
      simd.gatherTile(
          depth, a, 0, dealt, starts, 0, 0, depth * half, gathered, 1, 1 + half, columns, true);
      assertArrayEquals(want, gathered, simd.name());

      int[] across = IntStream.range(0, rows).toArray();
      int[] along = IntStream.range(0, depth).map(k -> k * rows).toArray();
      simd.crossTile(depth, a, across, 0, along, 0, b, 0, crossed, 1, columns, true);
      assertArrayEquals(want, crossed, simd.name());
    }
  }

  @Test
  void piecesLieWhereTheyBelongAndNothingBesideThem() {
    float[] x = random(1, 80, true);
    int[] pieces = {0, 9, 20, 19};
    int[] columns = {0, 5, 6, 23, 24};
    int[] cells = {9, 0, 1, 2, 30, 40};
    float[] before = random(2, 8 + 5 * 24, false);
    float[] want = before.clone();
    for (int i = 0; i < 5; i++) {
      for (int p = 0; p < pieces.length; p++) {
        int n = columns[p + 1] - columns[p];
        System.arraycopy(x, cells[1 + i] + pieces[p], want, 3 + i * 24 + columns[p], n);
      }
    }
    for (Simd simd : Simds.all()) {
      float[] out = before.clone();
      simd.copyPieces(x, cells, 1, pieces, columns, out, 3, 24, 5);
      assertArrayEquals(want, out, simd.name());
    }
  }

  @Test
  void bestIsOneOfThem() {
    assertTrue(Simds.all().stream().anyMatch(s -> s.name().equals(Simd.best().name())));
    assertEquals(
        Simd.best().name(),
        Simd.best().lanes() == 1 ? "scalar" : 32 * Simd.best().lanes() + "-bit");
  }
}
