package org.adjoint.bench.cpu;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.bench.Bootstrap;
import org.adjoint.bench.Interval;
import org.adjoint.check.Quantiles;

/**
 * What came out of a contest.
 *
 * @param times in the work's unit, round by round, of each contender; Adjoint's are the first
 */
record Outcome(Work work, Map<String, double[]> times) {
  static final String ADJOINT = "adjoint";

  private static final double WILD = 0.5;

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
    if (own.length != others.length) {
      throw new IllegalArgumentException(work.name() + ": rounds without " + peer);
    }
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

  /**
   * What can be said of a demand. Noise makes slower, never faster, so a time within its limit is
   * within it. But it does not meet all alike: those most whose threads spin while they wait for
   * each other. So nothing is said of a ratio where the rounds of one of the two differ wildly.
   */
  Must.Met decide(Must must) {
    Must.Met met = must.decide(Bootstrap.median(of(ADJOINT)), ratios());
    boolean noisy =
        must.peer() == null
            ? met != Must.Met.YES && spread(ADJOINT) > WILD
            : times.containsKey(must.peer())
                && Math.max(spread(ADJOINT), spread(must.peer())) > WILD;
    return noisy ? Must.Met.UNCLEAR : met;
  }

  /** How far the middle 80 % of a contender's rounds reach, beside their median. */
  double spread(String contender) {
    double[] sorted = of(contender).clone();
    Arrays.sort(sorted);
    int tenth = sorted.length / 10;
    return (sorted[sorted.length - 1 - tenth] - sorted[tenth]) / median(sorted);
  }

  static double median(double... values) {
    return Quantiles.median(Arrays.stream(values));
  }
}
