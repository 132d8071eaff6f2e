package org.adjoint.bench.cpu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.bench.Verdict;
import org.adjoint.bench.cpu.Bouts.Bout;
import org.adjoint.bench.cpu.Contest.Fork;

/**
 * One work, done by two builds of Adjoint in turns.
 *
 * <p>Two runs of one build differ, by what the compiler made of its profile and where memory came
 * to lie, more than rounds within a run. So there are several pairs of JVMs, one pair after the
 * other; the two of a pair warm up in turns and then take rounds in turns, the first of one round
 * being the second of the next: what else the machine does meets both alike. A pair gives one
 * ratio, and how pairs differ holds all luck and all noise: of that the interval is made (Kalibera
 * and Jones, Rigorous Benchmarking in Reasonable Time, 2013).
 *
 * <p>After some pairs the verdict is asked for, and again after each further one. SAME ends the
 * duel, and so does a change that was found twice in a row: who looks often is else misled more
 * often than an interval says. When time is up it stays unclear.
 */
final class Duel {
  /**
   * How long all takes.
   *
   * @param fewest pairs of JVMs, without which nothing is decided
   * @param most pairs, clear or not
   * @param rounds of a pair
   * @param seconds of a turn; many short ones see less of what drifts
   * @param shortest of warm-ups, of both of a pair together
   * @param longest of them
   */
  record Pace(
      int fewest, int most, int rounds, double seconds, Duration shortest, Duration longest) {
    static final Pace USUAL =
        new Pace(4, 16, 12, 0.1, Duration.ofSeconds(3), Duration.ofSeconds(6));

    /** The same with other rounds. */
    Pace with(int number, double length) {
      return new Pace(fewest, most, number, length, shortest, longest);
    }

    /** Whether another pair is wanted: a change that is found must also be found by one more. */
    boolean goesOn(List<Bout> bouts) {
      int n = bouts.size();
      if (n < fewest || n >= most) {
        return n < fewest;
      }
      Verdict now = verdict(bouts);
      boolean confirmed =
          now == Verdict.SAME || (n > fewest && now == verdict(bouts.subList(0, n - 1)));
      return now == Verdict.UNCLEAR || !confirmed;
    }

    private static Verdict verdict(List<Bout> bouts) {
      return new Bouts(bouts, "").verdict();
    }
  }

  /** When it is over, no pair begins but the fewest. */
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private static final int TRIES = 2;

  private final Fork ownFork;
  private final Fork otherFork;
  private final Pace pace;

  /** Prepares duels. */
  Duel(Fork own, Fork other, Pace pace) {
    ownFork = own;
    otherFork = other;
    this.pace = pace;
  }

  /**
   * What the two took; nothing if the other build does not do this work.
   *
   * @throws Lost if one of them fails, or finds now this and now that
   */
  Optional<Bouts> run(Work work) throws Lost {
    List<Bout> bouts = new ArrayList<>();
    List<List<Double>> found = List.of();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (pace.goesOn(bouts) && (bouts.size() < pace.fewest() || System.nanoTime() < end)) {
      boolean ownFirst = bouts.size() % 2 == 0;
      Optional<Pair> pair = work.once() ? apart(work, ownFirst) : together(work, ownFirst);
      if (pair.isEmpty()) {
        return Optional.empty();
      }
      List<List<Double>> now = pair.get().found();
      requireBits(found.isEmpty() ? now : found, now, work, "in another JVM");
      found = now;
      bouts.add(pair.get().bout());
    }
    return Optional.of(
        new Bouts(List.copyOf(bouts), Fingerprint.change(found.get(1), found.get(0))));
  }

  /**
   * What came of a pair of JVMs.
   *
   * @param found by this build, and by the other
   */
  private record Pair(List<List<Double>> found, Bout bout) {}

  private Optional<Pair> together(Work work, boolean ownFirst) throws Lost {
    try (Contender first = (ownFirst ? ownFork : otherFork).start();
        Contender second = (ownFirst ? otherFork : ownFork).start()) {
      Contender own = ownFirst ? first : second;
      Contender other = ownFirst ? second : first;
      List<Double> cold = Turns.found(own, work);
      Optional<List<Double>> others = Turns.check(other, work);
      if (others.isEmpty()) {
        return Optional.empty();
      }
      List<List<Double>> found = List.of(cold, others.get());
      Bout bout = bout(work, first, second, ownFirst);
      List<List<Double>> warm = List.of(Turns.found(own, work), Turns.found(other, work));
      requireBits(found, warm, work, "once compiled");
      return Optional.of(new Pair(found, bout));
    }
  }

  /**
   * One after the other: a work that is its own warm-up leaves a compiler busy, at the next one's
   * cost.
   */
  private Optional<Pair> apart(Work work, boolean ownFirst) throws Lost {
    List<List<Double>> found = new ArrayList<>(List.of(List.of(), List.of()));
    double[][] times = new double[2][1];
    for (int i = 0; i < 2; i++) {
      int who = ownFirst ? i : 1 - i;
      try (Contender contender = (who == 0 ? ownFork : otherFork).start()) {
        Optional<List<Double>> cold =
            who == 0 ? Optional.of(Turns.found(contender, work)) : Turns.check(contender, work);
        if (cold.isEmpty()) {
          return Optional.empty();
        }
        found.set(who, cold.get());
        times[who][0] = new Turns(work, pace.seconds(), TRIES).take(contender);
      }
    }
    return Optional.of(new Pair(found, new Bout(times[0], times[1])));
  }

  private static void requireBits(
      List<List<Double>> found, List<List<Double>> now, Work work, String when) throws Lost {
    if (!now.equals(found)) {
      throw new Lost(
          "%s: %s build finds other bits %s"
              .formatted(
                  work.name(), now.get(0).equals(found.get(0)) ? "the other" : "this", when));
    }
  }

  /** The turns of a pair, of which {@code first} came to life first. */
  private Bout bout(Work work, Contender first, Contender second, boolean ownFirst) throws Lost {
    Turns turns = new Turns(work, pace.seconds(), TRIES);
    if (!work.startsProcesses()) {
      turns.warm(pace.shortest(), pace.longest(), first, second);
    }
    int n = pace.rounds();
    double[] one = new double[n];
    double[] two = new double[n];
    for (int r = 0; r < n; r++) {
      if (r % 2 == 0) {
        one[r] = turns.take(first);
        two[r] = turns.take(second);
      } else {
        two[r] = turns.take(second);
        one[r] = turns.take(first);
      }
    }
    return ownFirst ? new Bout(one, two) : new Bout(two, one);
  }
}
