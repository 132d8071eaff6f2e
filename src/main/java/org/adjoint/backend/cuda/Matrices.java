package org.adjoint.backend.cuda;

import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.jspecify.annotations.Nullable;

/**
 * An operand [.., rows, columns] as matrices whose rows, or whose columns if they are transposed,
 * lie in order.
 *
 * @param lead elements from one such line to the next; 0 if there is but one
 */
record Matrices(Operand operand, boolean transposed, long lead) {
  /** The matrices of {@code operand}, or null if their elements lie in another way. */
  static @Nullable Matrices in(Operand operand) {
    int rank = operand.shape().rank();
    Layout layout = operand.layout();
    for (boolean transposed : new boolean[] {false, true}) {
      int across = transposed ? rank - 1 : rank - 2;
      int along = transposed ? rank - 2 : rank - 1;
      long lines = operand.shape().size(across);
      long length = operand.shape().size(along);
      boolean inOrder = length <= 1 || layout.stride(along) == 1;
      if (inOrder && (lines <= 1 || layout.stride(across) >= length)) {
        return new Matrices(operand, transposed, lines <= 1 ? 0 : layout.stride(across));
      }
    }
    return null;
  }

  /** As {@link #in}, of a copy if need be. */
  static Matrices of(Gpu gpu, Operand operand) {
    Matrices matrices = in(operand);
    if (matrices == null) {
      Operand packed = gpu.scratch(operand.dtype(), operand.shape());
      gpu.copy(operand, packed);
      return new Matrices(packed, false, packed.shape().size(-1));
    }
    return matrices;
  }

  /** As {@link #of}, where {@linkplain #isWide lines begin} at multiples of 16 bytes. */
  static Matrices wide(Gpu gpu, Operand operand) {
    int pack = 16 / operand.dtype().bytes();
    Matrices matrices = in(operand);
    if (matrices != null && matrices.isWide(pack)) {
      return matrices;
    }
    Operand padded = gpu.padded(operand, pack);
    return new Matrices(padded, false, padded.layout().stride(padded.shape().rank() - 2));
  }

  long address() {
    return CudaStorage.address(operand);
  }

  /** The first element of each matrix: an operand of the shape of the batch, [.., 1, 1]. */
  Operand corners() {
    return corners(operand);
  }

  static Operand corners(Operand operand) {
    int rank = operand.shape().rank();
    return operand.slice(rank - 2, 0).slice(rank - 1, 0);
  }

  /** Whether each line begins at a multiple of {@code size} elements, and of 16 bytes. */
  boolean isWide(int size) {
    boolean wide = Gpu.isAligned(operand) && lead % size == 0;
    Shape shape = operand.shape();
    for (int axis = 0; axis < shape.rank() - 2; axis++) {
      wide &= shape.size(axis) == 1 || operand.layout().stride(axis) % size == 0;
    }
    return wide;
  }
}
