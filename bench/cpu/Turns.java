package org.adjoint.bench.cpu;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;

/**
 * Turns at a work: a contender works for a moment while the others sleep, and the median of what
 * its calls took is the turn's sample. A turn during which others took more than 5 % of the
 * processors is taken again: what is dropped depends on them alone, not on what was measured.
 *
 * @param seconds of a turn
 * @param tries turns until a disturbed one is taken as it is: samples will differ, and that shows
 */
record Turns(Work work, double seconds, int tries) {
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private static final double STEADY = 0.03;
  private static final double DISTURBED = 0.05;

  /** Threads of a pool that spin before they sleep have done so when the next one's turn begins. */
  private static final long PAUSE_MILLIS = 50;

  /**
   * Lets contenders work in turns for some time, and until two turns in a row took each the same.
   *
   * @param shortest in all; a compiler that is still at work may well let two turns take the same
   * @param longest in all, steady or not
   */
  void warm(Duration shortest, Duration longest, Contender... contenders) throws Lost {
    long begin = System.nanoTime();
    double[] last;
    double[] now = medians(contenders);
    Duration passed;
    do {
      last = now;
      now = medians(contenders);
      passed = Duration.ofNanos(System.nanoTime() - begin);
    } while (passed.compareTo(shortest) < 0
        || (!isSteady(last, now) && passed.compareTo(longest) < 0));
  }

  private static boolean isSteady(double[] last, double[] now) {
    for (int i = 0; i < now.length; i++) {
      if (Math.abs(now[i] - last[i]) > STEADY * last[i]) {
        return false;
      }
    }
    return true;
  }

  private double[] medians(Contender... contenders) throws Lost {
    double[] medians = new double[contenders.length];
    for (int i = 0; i < medians.length; i++) {
      medians[i] = median(contenders[i]);
    }
    return medians;
  }

  /** What a contender finds, without a turn; nothing if it does not do this work. */
  static Optional<List<Double>> check(Contender contender, Work work) throws Lost {
    return contender.ask("check " + work.name(), LIMIT);
  }

  /** The same of one that does every work. */
  static List<Double> found(Contender contender, Work work) throws Lost {
    return check(contender, work)
        .orElseThrow(() -> new Lost(contender.name() + ": does not know " + work.name()));
  }

  /** What a call takes, in seconds: a turn in peace, if there is any. */
  double take(Contender contender) throws Lost {
    int most = work.startsProcesses() ? 1 : tries;
    double time = Double.NaN;
    for (int i = 0; i < most; i++) {
      pause();
      Disturbance others = new Disturbance(contender.process());
      time = median(contender);
      if (others.share() <= DISTURBED) {
        return time;
      }
    }
    return time;
  }

  private static void pause() throws Lost {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Lost("interrupted");
    }
  }

  private double median(Contender contender) throws Lost {
    double[] samples =
        contender.ask("run " + work.name() + " " + seconds, LIMIT).orElse(List.of()).stream()
            .mapToDouble(x -> x)
            .sorted()
            .toArray();
    if (samples.length == 0 || !(samples[0] > 0)) {
      throw new Lost(
          contender.name() + ": " + work.name() + ": no times: " + Arrays.toString(samples));
    }
    return Outcome.median(samples);
  }
}
