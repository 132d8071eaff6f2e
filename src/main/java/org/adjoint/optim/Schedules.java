package org.adjoint.optim;

/** What the schedules share. */
final class Schedules {
  private Schedules() {}

  /** From {@code start} at 0 to {@code end} at 1, along half a period of a cosine. */
  static double cosine(double start, double end, double at) {
    return end + (start - end) / 2 * (1 + StrictMath.cos(Math.PI * at));
  }

  static void rate(double rate) {
    if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("schedule: rate " + rate + " must be at least 0");
    }
  }

  static void positive(String what, long steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("schedule: " + what + " " + steps + " must be at least 1");
    }
  }
}
