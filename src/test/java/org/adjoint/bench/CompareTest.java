package org.adjoint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompareTest {
  @ParameterizedTest
  @CsvSource({
    "0.90, 0.96, FASTER",
    "0.955, 0.965, FASTER",
    "0.96, 0.98, SAME",
    "0.95, 1.05, SAME",
    "1.035, 1.045, SLOWER",
    "1.02, 1.06, UNCLEAR",
    "0.94, 1.00, UNCLEAR",
    "0.50, 2.00, UNCLEAR",
  })
  void verdicts(double low, double high, Verdict verdict) {
    assertEquals(verdict, Verdict.of(new Interval(low, high)));
  }

  @Test
  void sameSamplesAreSame() {
    double[] samples = times(1, 100, 1, 0.02);
    assertEquals(Verdict.SAME, verdict("us", samples, samples));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void plantedChangesAreFound(long seed) {
    double[] old = times(seed, 100, 1, 0.03);
    assertEquals(Verdict.SLOWER, verdict("us", old, times(seed + 100, 100, 1.10, 0.03)));
    assertEquals(Verdict.FASTER, verdict("ms", old, times(seed + 100, 100, 0.90, 0.03)));
    assertEquals(Verdict.SAME, verdict("ns", old, times(seed + 100, 100, 1.00, 0.03)));
  }

  @Test
  void moreOfARateIsFaster() {
    double[] old = times(1, 100, 1, 0.03);
    double[] now = times(2, 100, 1.1, 0.03);
    assertEquals(Verdict.FASTER, verdict("images/s", old, now));
    assertEquals(Verdict.SLOWER, verdict("images/s", now, old));
  }

  @Test
  void noiseIsUnclear() {
    int unclear = 0;
    for (int seed = 0; seed < 40; seed++) {
      double[] old = times(seed, 20, 1, 0.5);
      unclear += verdict("us", old, times(seed + 100, 20, 1, 0.5)) == Verdict.UNCLEAR ? 1 : 0;
    }
    // The interval misses the truth 5 times in 100.
    assertTrue(unclear >= 35, "unclear " + unclear + " times of 40");
  }

  @Test
  void fewSamplesAreUnclearHoweverAlike() {
    double[] few = {1, 1, 1, 1};
    assertEquals(Verdict.UNCLEAR, verdict("us", few, few));
    assertEquals(Verdict.UNCLEAR, verdict("us", new double[] {1}, new double[] {2}));
  }

  @Test
  void withoutSamplesTheSpreadDecides() {
    assertEquals(Verdict.SAME, summed(1, 0.99, 1.01, 1, 0.99, 1.01));
    assertEquals(Verdict.SLOWER, summed(1, 0.99, 1.01, 1.1, 1.09, 1.11));
    assertEquals(Verdict.UNCLEAR, summed(1, 0.9, 1.1, 1.1, 1.0, 1.2));
  }

  @Test
  void intervalRepeatsAndCovers() {
    double[] old = times(1, 51, 1, 0.05);
    double[] now = times(2, 50, 1.2, 0.05);
    Interval interval = Bootstrap.ratio(old, now, Bootstrap::median);
    assertEquals(interval, Bootstrap.ratio(old, now, Bootstrap::median));
    // Of 100 experiments with a true ratio of 1.2, about 95 intervals hold it.
    int held = 0;
    for (int seed = 0; seed < 100; seed++) {
      Interval one =
          Bootstrap.ratio(
              times(1000 + seed, 40, 1, 0.1), times(2000 + seed, 40, 1.2, 0.1), Bootstrap::median);
      held += one.low() <= 1.2 && one.high() >= 1.2 ? 1 : 0;
    }
    assertTrue(held >= 88, "held " + held);
    assertTrue(held < 100, "an interval that always holds is too wide");
  }

  @Test
  void statisticsOfADrawAreThoseOfItsList() {
    double[] sorted = {1, 2, 4, 8};
    assertEquals(3, Bootstrap.median(sorted, new int[] {1, 1, 1, 1}));
    assertEquals(1.5, Bootstrap.median(sorted, new int[] {2, 0, 0, 2}) - 3, 1e-15);
    assertEquals(8, Bootstrap.median(sorted, new int[] {0, 1, 0, 3}));
    assertEquals(4.5, Bootstrap.mean(sorted, new int[] {2, 0, 0, 2}));
  }

  @Test
  void rowsInOneFileOnlyAreListed() {
    List<Result> old = List.of(row("a", "us", 1, 1, 1, 1, 1), row("b", "us", 1, 1, 1, 1, 1));
    List<Result> now = List.of(row("b", "us", 1, 1, 1, 1, 1), row("c", "us", 1, 1, 1, 1, 1));
    Compare.Comparison comparison = Compare.rows(old, now);
    assertEquals(1, comparison.pairs().size());
    assertEquals(Verdict.SAME, comparison.pairs().get(0).verdict());
    assertEquals("[a v F32]", comparison.onlyOld().toString());
    assertEquals("[c v F32]", comparison.onlyNew().toString());
  }

  @Test
  void whatIsNoTimeHasNoVerdict() {
    Compare.Pair pair =
        Compare.rows(List.of(row("a", "points", 1, 2)), List.of(row("a", "points", 3, 4)))
            .pairs()
            .get(0);
    assertNull(pair.verdict());
    assertEquals(3.5 / 1.5, pair.ratio());
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    Result time = row("a", "us", 1, 1, 1, 1, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> Compare.rows(List.of(time), List.of(row("a", "ms", 1, 1, 1, 1, 1))));
    assertThrows(
        IllegalArgumentException.class, () -> Compare.rows(List.of(time, time), List.of(time)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Compare.rows(List.of(time), List.of(row("a", "us", 0, 0, 0, 0, 0))));
    Result partly = row("a", "us", 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    assertThrows(
        IllegalArgumentException.class, () -> Compare.rows(List.of(partly), List.of(partly)));
  }

  private static Verdict verdict(String unit, double[] old, double[] now) {
    Compare.Comparison comparison =
        Compare.rows(List.of(row("a", unit, old)), List.of(row("a", unit, now)));
    return Objects.requireNonNull(comparison.pairs().get(0).verdict());
  }

  private static Verdict summed(double m, double lo, double hi, double m2, double lo2, double hi2) {
    Compare.Comparison comparison =
        Compare.rows(List.of(summary(m, lo, hi)), List.of(summary(m2, lo2, hi2)));
    return Objects.requireNonNull(comparison.pairs().get(0).verdict());
  }

  private static Result summary(double median, double p10, double p90) {
    return new Result(
        "a", null, null, null, null, null, 100, median, p10, p90, "us", null, null, null, Map.of(),
        List.of(), Map.of(), null);
  }

  static Result row(String what, String unit, double... samples) {
    return Result.of(what).variant("v").dtype("F32").samples(unit, samples).build();
  }

  /** Times around {@code centre}, with the long tail that times have. */
  static double[] times(long seed, int n, double centre, double spread) {
    var random = new Random(seed);
    double[] times = new double[n];
    Arrays.setAll(times, i -> centre * Math.exp(spread * random.nextGaussian()));
    return times;
  }
}
