package org.adjoint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StudentTest {
  @Test
  void aTextbookInterval() {
    // Mean 3, standard error √(2.5 / 5), and 2.776 of those on either side.
    Interval interval = Student.mean(1, 2, 3, 4, 5);
    assertEquals(3 - 2.776 * Math.sqrt(0.5), interval.low(), 1e-12);
    assertEquals(3 + 2.776 * Math.sqrt(0.5), interval.high(), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 8, 12, 16, 20})
  void holdsTheMeanNineteenTimesOfTwenty(int n) {
    Random random = new Random(n);
    int held = 0;
    for (int i = 0; i < 10_000; i++) {
      Interval interval = Student.mean(gaussians(random, n));
      held += interval.low() <= 0 && interval.high() >= 0 ? 1 : 0;
    }
    // Three standard errors of 10,000 tries are 0.65 %.
    assertEquals(9500, held, 65);
  }

  private static double[] gaussians(Random random, int n) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  @Test
  void neitherOneNorTooMany() {
    assertThrows(IllegalArgumentException.class, () -> Student.mean(1));
    assertThrows(IllegalArgumentException.class, () -> Student.mean(new double[Student.MOST + 1]));
    assertEquals(new Interval(0, 0), Student.mean(new double[Student.MOST]));
  }
}
