package org.adjoint.optim;

import java.util.Arrays;

/**
 * The learning rate as a function of the step, counted from 0. Nothing is remembered, so a training
 * that goes on at step t needs to know t alone.
 *
 * <pre>{@code
 * Schedule schedule = Schedule.cosine(0.1, 10_000, 0).warmUp(500);
 * for (long t = 0; t < 10_000; t++) {
 *   optimizer.rate(schedule.rate(t));
 *   …
 * }
 * }</pre>
 *
 * <p>The unit of t is the caller's: steps, or epochs. The names and values are those of PyTorch's
 * schedulers. For a rate that follows the loss, see {@link Plateau}.
 */
@FunctionalInterface
public interface Schedule {
  /** The learning rate of step {@code t}, from 0 on. */
  double rate(long t);

  /** Always {@code rate}. */
  static Schedule constant(double rate) {
    Schedules.rate(rate);
    return _ -> rate;
  }

  /** rate · gamma^⌊t / every⌋. */
  static Schedule step(double rate, long every, double gamma) {
    Schedules.rate(rate);
    Schedules.positive("every", every);
    return t -> rate * StrictMath.pow(gamma, (double) Math.floorDiv(t, every));
  }

  /** rate · gamma^(the number of milestones that t has reached). */
  static Schedule multiStep(double rate, double gamma, long... milestones) {
    Schedules.rate(rate);
    long[] copy = milestones.clone();
    return t ->
        rate * StrictMath.pow(gamma, (double) Arrays.stream(copy).filter(m -> m <= t).count());
  }

  /** rate · gammaᵗ. */
  static Schedule exponential(double rate, double gamma) {
    return step(rate, 1, gamma);
  }

  /**
   * From {@code rate} in a straight line to {@code end}, which holds from step {@code steps} on.
   */
  static Schedule linear(double rate, long steps, double end) {
    Schedules.rate(rate);
    Schedules.positive("steps", steps);
    return t -> rate + (end - rate) * Math.min(1, (double) t / steps);
  }

  /**
   * From {@code rate} along half a cosine to {@code end}, which holds from step {@code steps} on
   * (Loshchilov, Hutter, SGDR: Stochastic gradient descent with warm restarts, 2017, eq. 5).
   */
  static Schedule cosine(double rate, long steps, double end) {
    Schedules.rate(rate);
    Schedules.positive("steps", steps);
    return t -> Schedules.cosine(rate, end, Math.min(1, (double) t / steps));
  }

  /**
   * Up along half a cosine from most / 25 to {@code most} in the first 30 % of {@code steps}, then
   * down along another to most / 250,000 at the last of them, which holds (Smith, Topin,
   * Super-convergence, 2018; the shape is PyTorch's).
   */
  static Schedule oneCycle(double most, long steps) {
    Schedules.rate(most);
    Schedules.positive("steps", steps);
    double top = 0.3 * steps - 1;
    double last = steps - 1;
    return t ->
        t <= top
            ? Schedules.cosine(most / 25, most, t / top)
            : Schedules.cosine(most, most / 250_000, Math.min(1, (t - top) / (last - top)));
  }

  /**
   * This schedule after a warm-up: in the first {@code steps} the rate grows in a straight line
   * from 1 / steps of this one's first rate to all of it; then this one begins (Goyal et al.,
   * Accurate, large minibatch SGD, 2017, section 2.2).
   */
  default Schedule warmUp(long steps) {
    Schedules.positive("steps", steps);
    return t -> t < steps ? rate(0) * (t + 1) / steps : rate(t - steps);
  }
}
