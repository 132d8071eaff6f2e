package org.adjoint.backend.cuda;

import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/**
 * The common shape of some operands with as few axes as will do, and the strides of each: the
 * struct {@code Walk} of {@code walk.cuh}.
 */
final class Walk {
  /** Axes that a kernel's struct has room for. */
  static final int MAX_AXES = 8;

  final long count;
  final int axes;
  final long[] sizes = new long[MAX_AXES];
  final long[][] strides;

  /** Merges axes that lie behind one another in every operand. */
  Walk(String name, Operand... operands) {
    count = operands[0].count();
    strides = new long[operands.length][MAX_AXES];
    int last = -1;
    int rank = operands[0].shape().rank();
    for (int axis = 0; axis < rank; axis++) {
      long size = operands[0].shape().size(axis);
      if (size == 1) {
        continue;
      }
      if (last >= 0 && follows(operands, axis, size, last)) {
        sizes[last] *= size;
      } else {
        if (++last == MAX_AXES) {
          throw new UnsupportedOperationException(
              name
                  + ": a view of more than "
                  + MAX_AXES
                  + " axes on cuda; use contiguous() before");
        }
        sizes[last] = size;
      }
      for (int k = 0; k < operands.length; k++) {
        strides[k][last] = operands[k].layout().stride(axis);
      }
    }
    if (last < 0) {
      last = 0;
      sizes[0] = count;
    }
    axes = last + 1;
  }

  private Walk(Walk all, int a, int b) {
    count = all.count / (all.sizes[a] * all.sizes[b]);
    strides = new long[all.strides.length][MAX_AXES];
    int next = 0;
    for (int axis = 0; axis < all.axes; axis++) {
      if (axis != a && axis != b) {
        sizes[next] = all.sizes[axis];
        for (int k = 0; k < strides.length; k++) {
          strides[k][next] = all.strides[k][axis];
        }
        next++;
      }
    }
    sizes[0] = next == 0 ? 1 : sizes[0];
    axes = Math.max(1, next);
  }

  /** The same, but staying at the first elements along two of the axes. */
  Walk without(int a, int b) {
    return new Walk(this, a, b);
  }

  private boolean follows(Operand[] operands, int axis, long size, int last) {
    for (int k = 0; k < operands.length; k++) {
      Layout layout = operands[k].layout();
      if (strides[k][last] != layout.stride(axis) * size) {
        return false;
      }
    }
    return true;
  }
}
