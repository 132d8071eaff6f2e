package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * y[…, w, …, k] = x[…, w·step + k, …]: the windows that slide along an axis. The windows take the
 * place of the axis, their elements become the last one. A composition.
 */
public final class Unfold {
  private Unfold() {}

  /** Windows of {@code size} elements, {@code step} apart, along {@code axis}. */
  public static Tensor of(Tensor x, int axis, int size, int step) {
    int at = x.shape().axis("unfold", axis);
    if (size < 1 || step < 1 || size > x.size(at)) {
      throw new IllegalArgumentException(
          "unfold: windows of "
              + size
              + " by steps of "
              + step
              + " do not fit along axis "
              + axis
              + " of "
              + x.shape());
    }
    int windows = (int) ((x.size(at) - size) / step) + 1;
    long[] from = new long[windows * size];
    for (int i = 0; i < from.length; i++) {
      from[i] = (long) i / size * step + i % size;
    }
    Shape apart = x.shape().with(at, windows).insert(at + 1, size);
    Tensor y = x.indexSelect(at, Tensor.of(from).to(x.device())).reshape(apart.toArray());
    int[] order = new int[apart.rank()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i <= at ? i : i + 1;
    }
    order[order.length - 1] = at + 1;
    return y.permute(order);
  }

  static OpSpec spec() {
    return OpSpec.composition("unfold")
        .formula("y[…, w, …, k] = x[…, w·step + k, …]")
        .gradient("dx[…, w·step + k, …] += dy[…, w, …, k]")
        .example("3 by 1", t -> of(t[0], 0, 3, 1), Draw.normal(5))
        .example("2 by 3", t -> of(t[0], 1, 2, 3), Draw.normal(2, 129))
        .example("2 by 1", t -> of(t[0], -2, 2, 1), Draw.normal(2, 4, 3))
        .example("all", t -> of(t[0], 0, 3, 2), Draw.normal(3, 0))
        .rejects(
            () -> of(Tensor.zeros(2, 3), 1, 4, 1),
            "unfold: windows of 4 by steps of 1 do not fit along axis 1 of [2, 3]")
        .rejects(
            () -> of(Tensor.zeros(3), 0, 2, 0),
            "unfold: windows of 2 by steps of 0 do not fit along axis 0 of [3]")
        .build();
  }
}
