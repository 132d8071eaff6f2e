package org.adjoint.backend.cpu;

import java.util.List;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/** Sums of F32 along some axes, with a double per result. Internal to the backends. */
public final class RowSums {
  private RowSums() {}

  /**
   * Sums {@code x} along {@code axes} into {@code y}, where those axes have size 1. A stretch of
   * elements that go to one result is summed as {@link Simd#sum} does; stretches are added in order.
   */
  public static void sum(Operand x, List<Integer> axes, Operand y) {
    Operand source = CpuBackend.contiguous(x);
    float[] from = CpuStorage.floats(source);
    int at = (int) source.layout().offset();
    Shape shape = x.shape();
    double[] sums = new double[Math.toIntExact(y.count())];
    // The innermost axes that are all summed, or all not, make a row.
    int rank = shape.rank();
    boolean summed = axes.contains(rank - 1);
    int split = rank - 1;
    while (split > 0 && axes.contains(split - 1) == summed) {
      split--;
    }
    int row = (int) shape.slice(split, rank).count();
    long[] strides = y.shape().strides();
    int rows = row == 0 ? 0 : (int) (shape.count() / row);
    Simd simd = Simd.best();
    for (int r = 0; r < rows; r++) {
      int to = 0;
      int rest = r;
      for (int axis = split - 1; axis >= 0; axis--) {
        int size = (int) shape.size(axis);
        to += axes.contains(axis) ? 0 : (rest % size) * (int) strides[axis];
        rest /= size;
      }
      if (summed) {
        sums[to] += simd.sum(from, at + r * row, row);
      } else {
        for (int i = 0; i < row; i++) {
          sums[to + i] += from[at + r * row + i];
        }
      }
    }
    float[] result = CpuStorage.floats(y);
    int out = (int) y.layout().offset();
    for (int i = 0; i < sums.length; i++) {
      result[out + i] = (float) sums[i];
    }
  }
}
