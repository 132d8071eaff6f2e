package org.adjoint.backend.cuda;

import org.adjoint.backend.Operand;

/** What kernels that only move elements move at a time: 16 bytes, or fewer where they must. */
final class Units {
  /** The most that an access takes. */
  private static final int MOST = 16;

  /** Kernels that divide 32 bits number fewer units than this. */
  private static final long COUNTED = 1L << 31;

  private Units() {}

  /**
   * The most bytes, 1 to 16, that stretches of {@code bytes} in the operands are made of, with each
   * unit at a multiple of its size.
   */
  static int of(long bytes, Operand... operands) {
    long all = MOST | bytes;
    for (Operand operand : operands) {
      all |= CudaStorage.address(operand);
    }
    return (int) Long.lowestOneBit(all);
  }

  /** Whether the operand lies in order and can be counted in 32 bits, element by element. */
  static boolean isPlain(Operand operand) {
    return operand.layout().isContiguous() && operand.count() < COUNTED;
  }
}
