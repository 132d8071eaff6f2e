package org.adjoint.backend.cuda;

import org.adjoint.DType;

/**
 * TF32: tensor cores multiply F32 factors of which they see 11 bits of the significand, and sum up
 * in F32. It is faster by far, and rounds; so it is used where {@code -Dadjoint.tf32=true} allows
 * it, or where a variant that does so is named.
 */
final class Tf32 {
  /** The unit roundoff of 11 bits. */
  private static final double ROUNDOFF = 0x1p-11;

  private Tf32() {}

  /** Whether products of {@code dtype} may be rounded so unasked. */
  static boolean isAllowed(DType dtype) {
    return dtype == DType.F32 && Boolean.getBoolean("adjoint.tf32");
  }

  /** The unit roundoff of factors, of operands of a dtype. */
  static double rounding(DType dtype) {
    return dtype == DType.F32 ? ROUNDOFF : 0;
  }
}
