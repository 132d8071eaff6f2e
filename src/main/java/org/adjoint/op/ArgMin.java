package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * The index of the smallest element along an axis: the first of equals, and the first NaN before
 * all numbers. What {@link Min} remembers for its gradient; itself it has none.
 */
public final class ArgMin {
  private ArgMin() {}

  /** The index of the smallest element along {@code axis}, which is dropped; I64. */
  public static Tensor of(Tensor x, int axis) {
    return Min.picked(x, axis).indices();
  }

  static OpSpec spec() {
    return OpSpec.composition("argmin")
        .formula("y = the index of the smallest x along the axis")
        .gradient("none: the result is an integer")
        .example("vector", t -> t[0].argmin(0), Draw.apart(5))
        .example("rows", t -> t[0].argmin(1), Draw.apart(3, 129))
        .example("nothing", t -> t[0].argmin(0), Draw.apart(3, 0))
        .example("middle", t -> t[0].argmin(-2), Draw.apart(2, 3, 4))
        .rejects(() -> Tensor.zeros(2, 0).argmin(1), "min: axis 1 of [2, 0] is empty")
        .build();
  }
}
