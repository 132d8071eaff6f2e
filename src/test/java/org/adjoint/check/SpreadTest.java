package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When sampling stops, and what is made of the samples. */
class SpreadTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void equalSamplesNeedNoMore() {
    Spread spread = Spread.sample(() -> 2e-6, LONG);
    assertTrue(spread.settled());
    assertEquals(20, spread.n());
    assertEquals("2.00 us (p10 2.00, p90 2.00, n 20, median within 0.5 %)", spread.toString());
  }

  @Test
  void noisySamplesGoOnUntilTheMedianIsKnown() {
    Random random = new Random(1);
    Spread spread = Spread.sample(() -> 1 + 0.02 * random.nextGaussian(), LONG);
    assertTrue(spread.settled() && spread.n() > 100, spread.toString());
    assertEquals(1, spread.median(), 0.005);
    assertTrue(spread.uncertainty() < Spread.NARROW);
    assertTrue(spread.quantile(0.1) < 0.98 && spread.quantile(0.9) > 1.02, spread.toString());
  }

  @Test
  void wildSamplesAreCappedAndSaySo() {
    Random random = new Random(2);
    Spread spread = Spread.sample(() -> 1 + random.nextDouble(), LONG);
    assertFalse(spread.settled());
    assertEquals(2000, spread.n());
    assertTrue(spread.toString().contains("capped: median within "), spread.toString());
    assertEquals(20, Spread.sample(random::nextDouble, Duration.ZERO).n());
  }

  /** 95 of 100 intervals, or more, have the true median. */
  @ParameterizedTest
  @ValueSource(ints = {20, 100, 501})
  void theIntervalHasTheTrueMedian(int n) {
    Random random = new Random(n);
    int caught = 0;
    for (int run = 0; run < 1000; run++) {
      List<Double> samples =
          IntStream.range(0, n).mapToObj(i -> Math.exp(random.nextGaussian())).toList();
      double[] ends = new Spread(samples, true).interval();
      caught += ends[0] <= 1 && 1 <= ends[1] ? 1 : 0;
    }
    assertTrue(caught >= 940, caught + " of 1000");
  }

  @Test
  void fewSamplesSayNothing() {
    assertEquals(Double.POSITIVE_INFINITY, new Spread(List.of(1.0, 1.0), true).uncertainty());
  }

  private static Timing timing(double seconds) {
    Spread spread = Spread.sample(() -> seconds, LONG);
    return new Timing(
        "swish", "wide", DType.F32, "[250]", 2000, 250, spread, spread, 2e9, false, 0.5, true, "",
        null, List.of());
  }

  @Test
  void aTimeAboveTheCeilingIsAnError() {
    assertEquals(0.5, timing(2e-6).shareOfCopy());
    assertTrue(timing(2e-6).holds());
    assertTrue(timing(0.98e-6).holds());
    Timing tooFast = timing(0.9e-6);
    assertFalse(tooFast.holds());
    assertTrue(tooFast.toString().contains("111.1 % of a copy's 2 GB/s, which cannot be"));
  }
}
