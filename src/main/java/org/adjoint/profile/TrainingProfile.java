package org.adjoint.profile;

import java.util.Arrays;

/**
 * Profiles some steps of a training, once it has warmed up. A step lasts from where an optimiser
 * has taken one to where it has taken the next, so that a training need not be changed:
 *
 * <pre>{@code
 * try (TrainingProfile profile = TrainingProfile.start(100, 10)) { // steps 101 to 110
 *   train();
 *   System.out.println(profile.profile().table());
 * }
 * }</pre>
 *
 * <p>As many steps before and after are timed, without notes, to show what notes cost. A program
 * that takes no steps at all is profiled as a whole, from where this began, as far as a profile
 * goes. Only the thread that starts the profile is seen.
 */
public final class TrainingProfile implements AutoCloseable {
  private final long first;
  private final int count;
  private final long[] plain;
  private int timed;
  private long taken;
  private long previous;

  private final Recorder recorder =
      new Recorder() {
        @Override
        protected void onStep() {
          stepped(System.nanoTime());
        }
      };

  private TrainingProfile(int warmUp, int count) {
    first = warmUp + 1L;
    this.count = count;
    plain = new long[2 * count];
    recorder.start("the whole run");
  }

  /**
   * Profiles the training that this thread is about to begin.
   *
   * @param warmUp steps that pass before
   * @param count steps to profile
   * @throws IllegalArgumentException if one of them is less than 1
   * @throws IllegalStateException if this thread is being profiled already
   */
  public static TrainingProfile start(int warmUp, int count) {
    if (warmUp < 1 || count < 1) {
      throw new IllegalArgumentException(
          "profile: " + count + " steps after " + warmUp + "; each must be at least 1");
    }
    return new TrainingProfile(warmUp, count);
  }

  private void stepped(long now) {
    taken++;
    if (taken < first) {
      recorder.forget();
    }
    if (taken == 1) {
      recorder.restart(); // it is a training after all
    }
    boolean noted = taken >= first && taken < first + count;
    boolean near = taken >= first - count && taken < first + 2L * count;
    if (noted) {
      recorder.finish();
    } else if (taken > 1 && near) {
      plain[timed++] = now - previous;
    }
    begin(taken + 1);
    previous = System.nanoTime();
  }

  /** Steps before those that are timed are noted too, and forgotten: notes warm up as well. */
  private void begin(long step) {
    if (step < first - count) {
      recorder.rehearse();
    } else if (step >= first && step < first + count) {
      recorder.start("step " + step);
    }
  }

  /**
   * The profile, of as many of the steps as were taken.
   *
   * @throws IllegalStateException if none of them was; the message says how many there were
   */
  public Profile profile() {
    if (taken > 0 && taken < first) {
      throw new IllegalStateException(
          "profile: the training took %d steps, too few to profile those after step %d"
              .formatted(taken, first - 1));
    }
    if (taken == 0) {
      recorder.finish();
    } else if (taken + 1 < first + count) {
      recorder.forget(); // the step that never came
    }
    return recorder.profile(timed == 0 ? Double.NaN : median() * 1e-9);
  }

  private double median() {
    long[] sorted = Arrays.copyOf(plain, timed);
    Arrays.sort(sorted);
    return (sorted[(timed - 1) / 2] + sorted[timed / 2]) / 2.0;
  }

  /** Ends it; nothing is noted any more. */
  @Override
  public void close() {
    recorder.close();
  }
}
