package org.adjoint.bench.cpu;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.adjoint.bench.Interval;
import org.adjoint.bench.Student;
import org.adjoint.bench.Verdict;

/**
 * What came out of a {@link Duel}.
 *
 * @param bouts one of each pair of JVMs
 * @param difference of what the two builds find, in words; empty if they find the same bits
 */
record Bouts(List<Bout> bouts, String difference) {
  /** What the turns of two JVMs took, in seconds, round by round. */
  record Bout(double[] own, double[] other) {
    /** The median over rounds of this build's time by the other's. */
    double ratio() {
      double[] quotients = new double[own.length];
      Arrays.setAll(quotients, i -> own[i] / other[i]);
      return Outcome.median(quotients);
    }
  }

  /** This build's time by the other's: the geometric mean over pairs of JVMs. */
  double ratio() {
    return Math.exp(Arrays.stream(logs()).average().orElseThrow());
  }

  /** Where that lies, as far as the luck of JVMs and the noise of rounds let one know. */
  Interval interval() {
    Interval log = Student.mean(logs());
    return new Interval(Math.exp(log.low()), Math.exp(log.high()));
  }

  Verdict verdict() {
    return Verdict.of(interval());
  }

  private double[] logs() {
    return bouts.stream().mapToDouble(bout -> Math.log(bout.ratio())).toArray();
  }

  /** All turns of this build, in seconds. */
  double[] own() {
    return bouts.stream().flatMapToDouble(bout -> DoubleStream.of(bout.own())).toArray();
  }

  /** All turns of the other. */
  double[] other() {
    return bouts.stream().flatMapToDouble(bout -> DoubleStream.of(bout.other())).toArray();
  }
}
