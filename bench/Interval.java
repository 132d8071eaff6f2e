package org.adjoint.bench;

import java.util.Locale;

/** Where a ratio of new to old lies with a probability of 95 %, or more. */
public record Interval(double low, double high) {
  /** Refuses ends in the wrong order. */
  public Interval {
    Require.that(low <= high, "interval", "must have low <= high", low + " > " + high);
  }

  /** The same for old to new. */
  public Interval inverse() {
    return new Interval(1 / high, 1 / low);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "[%.3f, %.3f]", low, high);
  }
}
