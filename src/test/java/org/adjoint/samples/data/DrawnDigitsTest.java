package org.adjoint.samples.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.concurrent.ForkJoinPool;
import org.adjoint.data.Mnist;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrawnDigitsTest {
  @Test
  void theSeedDecidesEveryByte() {
    Mnist once = DrawnDigits.draw(7, 300, 50);
    Mnist again = DrawnDigits.draw(7, 300, 50);
    assertArrayEquals(once.trainImages(), again.trainImages());
    assertArrayEquals(once.trainLabels(), again.trainLabels());
    assertArrayEquals(once.testImages(), again.testImages());
    assertArrayEquals(once.testLabels(), again.testLabels());
    assertFalse(Arrays.equals(once.trainImages(), DrawnDigits.draw(8, 300, 50).trainImages()));
  }

  @Test
  void theNumberOfThreadsDoesNotMatter() throws Exception {
    byte[][] drawn = new byte[2][];
    int[] threads = {1, 5};
    for (int i = 0; i < 2; i++) {
      // A parallel stream runs in the pool of the thread that starts it.
      try (var pool = new ForkJoinPool(threads[i])) {
        drawn[i] = pool.submit(() -> DrawnDigits.draw(3, 400, 0).trainImages()).get();
      }
    }
    assertArrayEquals(drawn[0], drawn[1]);
  }

  @Test
  void aPictureDependsOnItsNumberAlone() {
    byte[] hundred = DrawnDigits.draw(5, 100, 0).trainImages();
    Mnist split = DrawnDigits.draw(5, 60, 40);
    assertArrayEquals(Arrays.copyOf(hundred, 60 * 784), split.trainImages());
    assertArrayEquals(Arrays.copyOfRange(hundred, 60 * 784, 100 * 784), split.testImages());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void picturesAreLikeMnists(boolean withFonts) {
    int n = 2_000;
    byte[] images = new byte[n * 784];
    byte[] labels = new byte[n];
    new DrawnDigits(1, withFonts).fill(images, labels, 0);
    int[] counts = new int[10];
    var distinct = new HashSet<ByteBuffer>();
    double ink = 0;
    int offCentre = 0;
    for (int i = 0; i < n; i++) {
      counts[labels[i]]++;
      distinct.add(ByteBuffer.wrap(images, i * 784, 784).slice());
      double mass = 0;
      double alongX = 0;
      double alongY = 0;
      int top = 0;
      for (int p = 0; p < 784; p++) {
        int v = images[i * 784 + p] & 0xff;
        mass += v;
        int row = p / 28;
        alongX += v * (p % 28 + 0.5);
        alongY += v * (row + 0.5);
        top = Math.max(top, v);
      }
      ink += mass / 255 / 784 / n;
      assertTrue(top > 150, "picture " + i + " is faint: its darkest pixel is " + top);
      assertTrue(mass > 20 * 255, "picture " + i + " is nearly empty");
      // Whole-pixel moves leave half a pixel; a few wide digits also lose ink over the edge.
      double off = Math.max(Math.abs(alongX / mass - 14), Math.abs(alongY / mass - 14));
      assertTrue(off < 2, "picture " + i + " is off centre by " + off);
      offCentre += off > 0.6 ? 1 : 0;
    }
    assertTrue(offCentre <= n / 100, offCentre + " of " + n + " are off centre");
    assertEquals(n, distinct.size(), "pictures must differ");
    assertEquals(0.13, ink, 0.04); // MNIST's own mean is 0.1307
    for (int d = 0; d < 10; d++) {
      // 200 ± 5 standard deviations of √(n · 0.1 · 0.9) = 13.4
      assertEquals(200, counts[d], 67, "digit " + d);
    }
  }

  /**
   * Nearest mean picture: a crude classifier that a student could write in ten lines. If it does
   * far better than chance, the labels belong to the pictures; if it were nearly perfect, there
   * would be nothing left to learn.
   */
  @Test
  void digitsCanBeToldApartButNotTrivially() {
    Mnist data = DrawnDigits.draw(2, 3_000, 1_000);
    double[][] mean = new double[10][784];
    int[] counts = new int[10];
    for (int i = 0; i < data.trainSize(); i++) {
      counts[data.trainLabels()[i]]++;
    }
    for (int i = 0; i < data.trainSize(); i++) {
      int d = data.trainLabels()[i];
      for (int p = 0; p < 784; p++) {
        mean[d][p] += (data.trainImages()[i * 784 + p] & 0xff) / (double) counts[d];
      }
    }
    int right = 0;
    for (int i = 0; i < data.testSize(); i++) {
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int d = 0; d < 10; d++) {
        double distance = 0;
        for (int p = 0; p < 784; p++) {
          double diff = (data.testImages()[i * 784 + p] & 0xff) - mean[d][p];
          distance += diff * diff;
        }
        if (distance < least) {
          least = distance;
          best = d;
        }
      }
      right += best == data.testLabels()[i] ? 1 : 0;
    }
    double share = right / 1000.0;
    assertTrue(share > 0.6 && share < 0.97, "nearest mean is right in " + share);
  }

  @Test
  void impossibleNumbersAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> DrawnDigits.draw(1, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> DrawnDigits.draw(1, 0, 3_000_000));
  }
}
