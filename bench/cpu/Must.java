package org.adjoint.bench.cpu;

import java.util.Locale;
import java.util.Map;
import org.adjoint.bench.Interval;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of Adjoint at a work: to be {@code bound} times as fast as a peer or more, or to
 * take {@code bound} units of time or less.
 */
record Must(@Nullable String peer, double bound) {
  /** The whole interval must lie on the good side for a yes, on the bad side for a no. */
  enum Met {
    YES,
    NO,
    /** The bound lies within the interval: measure longer, or on a quieter machine. */
    UNCLEAR,
    /** The peer was not there. */
    UNKNOWN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Must ratio(String peer, double bound) {
    return new Must(peer, bound);
  }

  static Must time(double bound) {
    return new Must(null, bound);
  }

  /** Decides from Adjoint's time and from the ratios that were found. */
  Met decide(Interval time, Map<String, Interval> ratios) {
    if (peer == null) {
      return time.high() <= bound ? Met.YES : time.low() > bound ? Met.NO : Met.UNCLEAR;
    }
    Interval ratio = ratios.get(peer);
    if (ratio == null) {
      return Met.UNKNOWN;
    }
    return ratio.low() >= bound ? Met.YES : ratio.high() < bound ? Met.NO : Met.UNCLEAR;
  }

  /** As a table says it. */
  String text(String unit) {
    return peer == null
        ? String.format(Locale.ROOT, "≤ %.3g %s", bound, unit)
        : String.format(Locale.ROOT, "≥ %.2f× %s", bound, peer);
  }
}
