package org.adjoint.bench.cpu;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.bench.Bootstrap;
import org.adjoint.bench.Interval;

/**
 * What came out of a contest.
 *
 * @param times in the work's unit, round by round, of each contender; Adjoint's are the first
 */
record Outcome(Work work, Map<String, double[]> times) {
  static final String ADJOINT = "adjoint";

  /** From times in seconds. */
  static Outcome of(Work work, Map<String, double[]> seconds) {
    Map<String, double[]> times = new LinkedHashMap<>();
    seconds.forEach((name, all) -> times.put(name, Arrays.stream(all).map(work::inUnit).toArray()));
    return new Outcome(work, times);
  }

  double[] of(String contender) {
    double[] rounds = times.get(contender);
    if (rounds == null) {
      throw new IllegalArgumentException(work.name() + ": no times of " + contender);
    }
    return rounds;
  }

  /** The peer's time by Adjoint's, round by round: above 1 Adjoint is the faster. */
  double[] quotients(String peer) {
    double[] own = of(ADJOINT);
    double[] others = of(peer);
    double[] quotients = new double[own.length];
    Arrays.setAll(quotients, i -> others[i] / own[i]);
    return quotients;
  }

  /** Where the median over rounds of each peer's quotient lies. */
  Map<String, Interval> ratios() {
    Map<String, Interval> ratios = new LinkedHashMap<>();
    for (String name : times.keySet()) {
      if (!name.equals(ADJOINT)) {
        ratios.put(name, Bootstrap.median(quotients(name)));
      }
    }
    return ratios;
  }

  /** What can be said of a demand. */
  Must.Met decide(Must must) {
    return must.decide(Bootstrap.median(of(ADJOINT)), ratios());
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
