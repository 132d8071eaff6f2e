package org.adjoint.bench;

/** What can be said of a time that was 1 before, from the interval that it lies in now. */
public enum Verdict {
  /** Wholly below 1 − {@value #CHANGE}. */
  FASTER,
  /** Wholly above 1 + {@value #CHANGE}. */
  SLOWER,
  /** None of the two, and wholly within 1 ± {@value #MARGIN}. */
  SAME,
  /** Measure longer, or on a quieter machine. */
  UNCLEAR;

  static final double CHANGE = 0.03;
  static final double MARGIN = 0.05;

  /** A change of 4 %, if that is what it surely is, is a change: so SAME is asked last. */
  public static Verdict of(Interval time) {
    if (time.high() < 1 - CHANGE) {
      return FASTER;
    } else if (time.low() > 1 + CHANGE) {
      return SLOWER;
    }
    return time.low() >= 1 - MARGIN && time.high() <= 1 + MARGIN ? SAME : UNCLEAR;
  }
}
