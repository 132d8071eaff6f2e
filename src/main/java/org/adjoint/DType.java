package org.adjoint;

/** The type of one element of a tensor. */
public enum DType {
  /** IEEE 754 binary64: the oracle's type. */
  F64(8),
  /** IEEE 754 binary32: what networks are trained in. */
  F32(4),
  /** bfloat16, the upper half of a binary32: storage only, computed wider and rounded on exit. */
  BF16(2),
  /** IEEE 754 binary16: storage only, computed wider and rounded on exit. */
  F16(2),
  /**
   * Signed 64-bit integers: indices. Arithmetic on integers of any type goes by double: it is exact
   * up to 2⁵³ in magnitude, and stops at the ends of the type's range.
   */
  I64(8),
  /** Signed 32-bit integers. */
  I32(4),
  /** Unsigned bytes: pixels. */
  U8(1),
  /** Truth values, one byte each, 0 or 1: masks. */
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether values of this type can carry a gradient. */
  public boolean isFloating() {
    return switch (this) {
      case F64, F32, BF16, F16 -> true;
      default -> false;
    };
  }

  /** Whether values of this type can serve as indices. */
  public boolean isIndex() {
    return this == I64 || this == I32;
  }

  /**
   * The unit roundoff u of a floating type: rounding to nearest errs by at most u·|x|.
   *
   * @throws IllegalArgumentException for a type that is not floating
   */
  public double unitRoundoff() {
    return switch (this) {
      case F64 -> 0x1p-53;
      case F32 -> 0x1p-24;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> throw new IllegalArgumentException(this + " is not a floating type");
    };
  }
}
