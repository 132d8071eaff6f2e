package org.adjoint.profile;

import org.adjoint.Span;
import org.adjoint.Span.Part;
import org.jspecify.annotations.Nullable;

/**
 * All that was done under one name, in one part of the work.
 *
 * @param name of an operation; in backward, of the operation whose gradient is taken, and of the
 *     one that this took
 * @param calls how often
 * @param nanos nanoseconds, without those of what lies within
 * @param bytes that had to be moved at least
 * @param flop floating-point operations, a multiply-add counting two
 * @param least seconds that bytes and FLOP take at the device's ceilings, the slower of the two for
 *     each call; 0 where these are not known
 */
public record Row(
    Part part, String name, long calls, long nanos, long bytes, double flop, double least) {
  static Row of(Span span, long nanos, @Nullable Ceilings ceilings) {
    long bytes = span.bytes();
    double flop = span.flop();
    double least = ceilings == null ? 0 : ceilings.least(bytes, flop);
    return new Row(span.part(), name(span), 1, nanos, bytes, flop, least);
  }

  static Row rest(String name, long nanos) {
    return new Row(Part.STEP, name, 0, nanos, 0, 0, 0);
  }

  private static String name(Span span) {
    if (span.part() != Part.BACKWARD) {
      return span.name();
    }
    if (!span.isOperation() && (span.isGradient() || span.name().equals("backward"))) {
      return "the walk back";
    }
    for (Span outer = span; outer != null; outer = outer.outer().orElse(null)) {
      if (outer.isGradient()) {
        return outer.name() + " › " + span.name();
      }
    }
    return span.name();
  }

  Row plus(Row other) {
    return new Row(
        part,
        name,
        calls + other.calls,
        nanos + other.nanos,
        bytes + other.bytes,
        flop + other.flop,
        least + other.least);
  }

  /** Bytes that had to be moved, in a second; NaN where there were none, or no time. */
  public double bytesPerSecond() {
    return bytes == 0 || nanos == 0 ? Double.NaN : bytes * 1e9 / nanos;
  }

  /** FLOP in a second; NaN where there were none, or no time. */
  public double flopPerSecond() {
    return flop == 0 || nanos == 0 ? Double.NaN : flop * 1e9 / nanos;
  }

  /** The {@link #least} time as a share of the time taken; NaN if it is not known. */
  public double roofline() {
    return least == 0 || nanos == 0 ? Double.NaN : least * 1e9 / nanos;
  }
}
