package org.adjoint.backend.cpu;

/** Conversions of the two 16-bit floating types, rounding once, to nearest, ties to even. */
final class HalfFloats {
  private HalfFloats() {}

  static float fromBFloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static short toBFloat16(double value) {
    if (Double.isNaN(value)) {
      return 0x7fc0;
    }
    int bits = Float.floatToRawIntBits(roundToOdd(value));
    // Half of the dropped part, plus one if the kept part is odd: ties go to even.
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  static short toFloat16(double value) {
    return Float.floatToFloat16(roundToOdd(value));
  }

  /**
   * The float next to {@code value} whose last bit is odd, unless {@code value} is a float: from
   * there a second rounding to fewer bits gives what one rounding would have given (Boldo and
   * Melquiond, Emulation of FMA and correctly rounded sums: proved algorithms using rounding to
   * odd, 2008).
   */
  private static float roundToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value) || Float.isInfinite(nearest)) {
      return nearest;
    }
    boolean even = (Float.floatToRawIntBits(nearest) & 1) == 0;
    if (!even) {
      return nearest;
    }
    return value > nearest ? Math.nextUp(nearest) : Math.nextDown(nearest);
  }
}
