package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PhiloxTest {
  /** From kat_vectors of Random123; words are written from the lowest up. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void knownAnswers(String counter, String key, String answer) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] out = new int[4];
    Philox.block(pair(c[0], c[1]), pair(c[2], c[3]), pair(k[0], k[1]), out);
    assertArrayEquals(words(answer), out);
  }

  private static int[] words(String s) {
    return Arrays.stream(s.split(" ")).mapToInt(w -> Integer.parseUnsignedInt(w, 16)).toArray();
  }

  private static long pair(int low, int high) {
    return (long) high << 32 | low & 0xFFFFFFFFL;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 7, 1L << 40, -5})
  void anElementOfAFillDependsOnSeedAndPlaceAlone(long offset) {
    int n = 101;
    long seed = 42;
    double[] uniform = new double[n];
    double[] normal = new double[n];
    float[] uniformF = new float[n];
    float[] normalF = new float[n];
    Philox.fillUniform(seed, offset, uniform, 0, n);
    Philox.fillNormal(seed, offset, normal, 0, n);
    Philox.fillUniform(seed, offset, uniformF, 0, n);
    Philox.fillNormal(seed, offset, normalF, 0, n);
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      long e = offset + i;
      Philox.block(e >>> 1, 0, seed, w);
      int half = (e & 1) == 0 ? 0 : 2;
      assertEquals((pair(w[half + 1], w[half]) >>> 11) * 0x1p-53, uniform[i]);
      assertEquals((w[half] >>> 8) * 0x1p-24f, uniformF[i]);
      double r = StrictMath.sqrt(-2 * StrictMath.log(1 - (pair(w[1], w[0]) >>> 11) * 0x1p-53));
      double phi = 2 * Math.PI * ((pair(w[3], w[2]) >>> 11) * 0x1p-53);
      assertEquals(r * (half == 0 ? StrictMath.cos(phi) : StrictMath.sin(phi)), normal[i]);
      assertEquals((float) normal[i], normalF[i]);

      double[] alone = {-1, -1, -1};
      Philox.fillNormal(seed, e, alone, 1, 1);
      assertArrayEquals(new double[] {-1, normal[i], -1}, alone);
    }
  }

  @Test
  void fillsHaveTheMomentsTheyShould() {
    int n = 400_000;
    double[] x = new double[n];
    Philox.fillUniform(3, 0, x, 0, n);
    assertTrue(Arrays.stream(x).allMatch(v -> v >= 0 && v < 1));
    checkMoments(x, 0.5, 1.0 / 12);
    Philox.fillNormal(3, 0, x, 0, n);
    checkMoments(x, 0, 1);
    assertEquals(3, Arrays.stream(x).map(v -> v * v * v * v).average().orElseThrow(), 0.1);
    double neighbours = IntStream.range(1, n).mapToDouble(i -> x[i] * x[i - 1]).sum() / n;
    assertEquals(0, neighbours, 5 / Math.sqrt(n));
  }

  /** Five standard errors on either side; the variance's own spread is at most 2 var². */
  private static void checkMoments(double[] x, double mean, double variance) {
    double m = Arrays.stream(x).average().orElseThrow();
    double v = Arrays.stream(x).map(t -> (t - mean) * (t - mean)).average().orElseThrow();
    assertEquals(mean, m, 5 * Math.sqrt(variance / x.length));
    assertEquals(variance, v, 5 * variance * Math.sqrt(2.0 / x.length));
  }

  @Test
  void aGeneratorIsTakenUpAgainWhereItStopped() {
    Philox all = new Philox(9, 2);
    int[] expected = IntStream.range(0, 50).map(i -> all.nextInt()).toArray();
    int[] w = new int[4];
    for (int start = 0; start < 50; start++) {
      Philox part = new Philox(9, 2);
      part.nextInt();
      part.seek(start);
      for (int i = start; i < 50; i++) {
        assertEquals(i, part.position());
        assertEquals(expected[i], part.nextInt());
      }
      Philox.block(start / 4, 2, 9, w);
      assertEquals(expected[start], w[start % 4]);
    }
    assertNotEquals(new Philox(9, 1).nextInt(), expected[0]);
    assertNotEquals(new Philox(8, 2).nextInt(), expected[0]);
  }

  @Test
  void gaussiansTakeFourWordsWhereverTheyStart() {
    Philox a = new Philox(1);
    a.nextInt();
    double first = a.nextGaussian();
    assertEquals(5, a.position());
    a.seek(1);
    assertEquals(first, a.nextGaussian());
    double[] x = new double[100_000];
    Arrays.setAll(x, i -> a.nextGaussian());
    checkMoments(x, 0, 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 1 << 30})
  void boundedIntsFillTheirRangeEvenly(int bound) {
    Philox random = new Philox(5);
    int n = 30_000;
    int boxes = Math.min(bound, 10);
    int[] count = new int[boxes];
    for (int i = 0; i < n; i++) {
      int v = random.nextInt(bound);
      assertTrue(v >= 0 && v < bound);
      count[(int) ((long) v * boxes / bound)]++;
    }
    for (int c : count) {
      assertEquals((double) n / boxes, c, 5 * Math.sqrt(n));
    }
    assertThrows(IllegalArgumentException.class, () -> random.nextInt(0));
  }

  @Test
  void boundedIntsHaveNoBias() {
    // Of 2³² words, 2³² mod bound are drawn anew: with this bound, one in four.
    int bound = 3 << 29;
    Philox random = new Philox(6);
    int n = 60_000;
    int[] third = new int[3];
    for (int i = 0; i < n; i++) {
      third[random.nextInt(bound) % 3]++;
    }
    assertEquals(n * 4.0 / 3, random.position(), 5 * Math.sqrt(n));
    for (int c : third) {
      assertEquals(n / 3.0, c, 5 * Math.sqrt(n * 2.0 / 9));
    }
  }

  @Test
  void permutationsHoldEachNumberOnceAndAreAllAsLikely() {
    assertArrayEquals(
        IntStream.range(0, 1000).toArray(),
        Arrays.stream(new Philox(1).permutation(1000)).sorted().toArray());
    assertArrayEquals(new int[0], new Philox(1).permutation(0));
    Philox random = new Philox(2);
    int n = 24_000;
    int[] count = new int[27];
    for (int i = 0; i < n; i++) {
      int[] p = random.permutation(3);
      count[9 * p[0] + 3 * p[1] + p[2]]++;
    }
    assertEquals(6, Arrays.stream(count).filter(c -> c > 0).count());
    for (int c : count) {
      assertTrue(c == 0 || Math.abs(c - n / 6) < 5 * Math.sqrt(n / 6.0));
    }
  }
}
