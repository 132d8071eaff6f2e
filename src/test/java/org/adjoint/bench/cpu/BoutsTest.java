package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.adjoint.bench.Verdict;
import org.adjoint.bench.cpu.Bouts.Bout;
import org.adjoint.bench.cpu.Duel.Pace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The statistics of a duel, on times that are drawn. */
class BoutsTest {
  private static final int TRIES = 2000;

  @Test
  void aPairGivesTheMedianOfItsRounds() {
    // Once the machine was three times as slow for both, once for one.
    assertEquals(
        1.1, new Bout(new double[] {11, 33, 30}, new double[] {10, 30, 10}).ratio(), 1e-12);
  }

  @Test
  void pairsGiveAGeometricMean() {
    Bout twice = new Bout(new double[] {2}, new double[] {1});
    Bout half = new Bout(new double[] {1}, new double[] {2});
    Bouts both = new Bouts(List.of(twice, half), "");
    assertEquals(1, both.ratio(), 1e-12);
    assertEquals(1, both.interval().low() * both.interval().high(), 1e-12);
    assertEquals(Verdict.UNCLEAR, both.verdict());
  }

  /**
   * Of two equal builds few works are found to differ, and one slower by a tenth is found to be.
   * {@code luck} is how far JVMs of one build lie apart (a standard deviation), {@code noise} how
   * far rounds of one JVM do; one turn of ten is disturbed by some 30 %; one JVM of ten is compiled
   * {@code worse}.
   */
  @ParameterizedTest
  @CsvSource({
    "0.005, 0.02, 0,    0.99, 0.99",
    "0.01,  0.03, 0,    0.99, 0.99",
    "0.02,  0.03, 0,    0.98, 0.99",
    "0.03,  0.05, 0,    0.85, 0.97",
    "0.01,  0.03, 0.08, 0.95, 0.98",
    "0.05,  0.10, 0,    0,    0.80",
  })
  void oddsOfVerdicts(double luck, double noise, double worse, double same, double slower) {
    Random random = new Random(1);
    Map<Verdict, Double> equal = odds(random, 1, luck, noise, worse);
    Map<Verdict, Double> planted = odds(random, 1.1, luck, noise, worse);
    assertTrue(equal.get(Verdict.SAME) >= same, "equal builds: " + equal);
    assertTrue(
        equal.get(Verdict.FASTER) + equal.get(Verdict.SLOWER) <= 0.02, "equal builds: " + equal);
    assertTrue(planted.get(Verdict.SLOWER) >= slower, "a tenth slower: " + planted);
    assertTrue(
        planted.get(Verdict.FASTER) + planted.get(Verdict.SAME) <= 0.005,
        "a tenth slower: " + planted);
  }

  private static Map<Verdict, Double> odds(
      Random random, double ratio, double luck, double noise, double worse) {
    Map<Verdict, Double> odds = new EnumMap<>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      odds.put(verdict, 0.0);
    }
    for (int i = 0; i < TRIES; i++) {
      List<Bout> bouts = new ArrayList<>();
      while (Pace.USUAL.goesOn(bouts)) {
        bouts.add(
            new Bout(
                turns(random, ratio, luck, noise, worse), turns(random, 1, luck, noise, worse)));
      }
      odds.merge(new Bouts(bouts, "").verdict(), 1.0 / TRIES, Double::sum);
    }
    return odds;
  }

  private static double[] turns(
      Random random, double level, double luck, double noise, double worse) {
    double jvm =
        level
            * Math.exp(luck * random.nextGaussian())
            * (random.nextDouble() < 0.1 ? 1 + worse : 1);
    return random
        .doubles(Pace.USUAL.rounds())
        .map(_ ->
            jvm
                * Math.exp(noise * random.nextGaussian())
                * (random.nextDouble() < 0.1 ? 1 - 0.3 * Math.log(random.nextDouble()) : 1))
        .toArray();
  }
}
