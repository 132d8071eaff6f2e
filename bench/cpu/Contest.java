package org.adjoint.bench.cpu;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;

/**
 * One work, done by Adjoint and its peers in turns.
 *
 * <p>First each contender says what it found, and who found something else is out. Then each warms
 * up for some seconds, and until two turns in a row took the same. Then come the rounds: in each,
 * every contender has a turn ({@link Turns}). So what else the machine does meets all alike, and a
 * round's ratio knows little of it. Adjoint runs in {@value #FORKS} JVMs, one after the other: what
 * a compiler made of its profile is luck, and luck is to be seen.
 */
final class Contest {
  private static final int FORKS = 2;

  private static final Duration SHORTEST_WARMUP = Duration.ofSeconds(5);
  private static final Duration LONGEST_WARMUP = Duration.ofSeconds(15);

  /** Rounds that a JVM gets even when the time for a work is up. */
  private static final int FEWEST = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final int TRIES = 8;

  /** Starts a process of Adjoint's. */
  interface Fork {
    Contender start() throws Lost;
  }

  private final Fork fork;
  private final List<Contender> peers;
  private final int rounds;
  private final double seconds;
  private final Consumer<String> notes;

  /**
   * Prepares contests.
   *
   * @param rounds of which there are as many samples
   * @param seconds of a turn
   * @param notes hears in one line of each peer that does not come to the end of a work
   */
  Contest(Fork fork, List<Contender> peers, int rounds, double seconds, Consumer<String> notes) {
    this.fork = fork;
    this.peers = peers;
    this.rounds = rounds;
    this.seconds = seconds;
    this.notes = notes;
  }

  /**
   * What calls took, in seconds, round by round: of Adjoint, and of the peers that do this work.
   *
   * @throws Lost if Adjoint fails
   */
  Map<String, double[]> run(Work work) throws Lost {
    Map<String, List<Double>> times = new LinkedHashMap<>();
    List<Contender> able = new ArrayList<>(peers);
    able.removeIf(peer -> !peer.isAlive());
    List<Double> found = List.of();
    long end = System.nanoTime() + PATIENCE.toNanos();
    int forks = work.once() ? 1 : FORKS;
    for (int f = 0; f < forks; f++) {
      try (Contender adjoint = fork.start()) {
        List<Double> cold = Turns.found(adjoint, work);
        if (f == 0) {
          found = cold;
          forEach(able, peer -> admit(peer, work, cold));
          forEach(able, peer -> work.once() || warm(peer, work));
        }
        requireBits(found, cold, work, "in another JVM");
        if (!work.once()) {
          warm(adjoint, work);
        }
        int first = rounds * f / forks;
        int until = work.once() ? 1 : rounds * (f + 1) / forks;
        for (int r = first; r < until; r++) {
          if (r < first + FEWEST || System.nanoTime() < end) {
            round(r, adjoint, able, work, times);
          }
        }
        requireBits(found, Turns.found(adjoint, work), work, "once compiled");
      }
    }
    return whole(times);
  }

  /** The times of those who were there in each round. */
  private static Map<String, double[]> whole(Map<String, List<Double>> times) {
    int n = times.values().stream().mapToInt(List::size).max().orElse(0);
    Map<String, double[]> whole = new LinkedHashMap<>();
    times.forEach((name, list) -> {
      if (list.size() == n) {
        whole.put(name, list.stream().mapToDouble(x -> x).toArray());
      }
    });
    return whole;
  }

  private static void requireBits(List<Double> found, List<Double> now, Work work, String when)
      throws Lost {
    if (!now.equals(found)) {
      throw new Lost("adjoint: %s: other bits %s".formatted(work.name(), when));
    }
  }

  /** Whether a peer does this work, and finds what Adjoint found. */
  private static boolean admit(Contender peer, Work work, List<Double> right) throws Lost {
    Optional<List<Double>> found = Turns.check(peer, work);
    String difference = found.map(print -> Fingerprint.difference(right, print)).orElse("");
    if (!difference.isEmpty()) {
      throw new Lost(
          "%s: %s: other results than Adjoint's: %s"
              .formatted(peer.name(), work.name(), difference));
    }
    return found.isPresent();
  }

  private boolean warm(Contender contender, Work work) throws Lost {
    turns(work).warm(SHORTEST_WARMUP, LONGEST_WARMUP, contender);
    return true;
  }

  private Turns turns(Work work) {
    return new Turns(work, seconds, TRIES);
  }

  /** A turn for each, beginning with another one each time. */
  private void round(
      int number,
      Contender adjoint,
      List<Contender> able,
      Work work,
      Map<String, List<Double>> times)
      throws Lost {
    List<Contender> order = new ArrayList<>(able);
    order.add(0, adjoint);
    order.forEach(contender -> times.computeIfAbsent(contender.name(), n -> new ArrayList<>()));
    Collections.rotate(order, -number);
    for (Contender contender : order) {
      if (contender == adjoint) {
        add(times, contender, work);
      } else {
        forEach(able, peer -> peer != contender || add(times, contender, work));
      }
    }
  }

  private boolean add(Map<String, List<Double>> times, Contender contender, Work work) throws Lost {
    times
        .computeIfAbsent(contender.name(), n -> new ArrayList<>())
        .add(turns(work).take(contender));
    return true;
  }

  private interface Step {
    boolean keeps(Contender peer) throws Lost;
  }

  /** Takes each peer through a step; who fails is named, and out of this work. */
  private void forEach(List<Contender> able, Step step) {
    able.removeIf(peer -> {
      try {
        return !step.keeps(peer);
      } catch (Lost e) {
        notes.accept(e.getMessage());
        return true;
      }
    });
  }
}
