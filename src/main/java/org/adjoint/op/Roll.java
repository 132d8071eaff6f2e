package org.adjoint.op;

import org.adjoint.Tensor;

/** y[i] = x[(i − shift) mod n] along an axis. A composition: the two parts change places. */
public final class Roll {
  private Roll() {}

  /** {@code x} moved {@code shift} places on along {@code axis}; what leaves at one end returns. */
  public static Tensor of(Tensor x, int axis, long shift) {
    int at = x.shape().axis("roll", axis);
    long size = x.size(at);
    long start = size == 0 ? 0 : Math.floorMod(-shift, size);
    return start == 0 ? x : Concat.of(at, x.slice(at, start, size), x.slice(at, 0, start));
  }

  static OpSpec spec() {
    return OpSpec.composition("roll")
        .formula("y[i] = x[(i − shift) mod n] along the axis")
        .gradient("dx = dy, rolled back")
        .example("by 2", t -> of(t[0], 0, 2), Draw.normal(5))
        .example("by −1", t -> of(t[0], 1, -1), Draw.normal(2, 129))
        .example("by 7", t -> of(t[0], -2, 7), Draw.normal(2, 3, 2))
        .example("all the way", t -> of(t[0], 0, 3), Draw.normal(3))
        .example("nothing", t -> of(t[0], 0, 1), Draw.normal(0, 2))
        .rejects(() -> of(Tensor.zeros(2), 1, 1), "roll: [2] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
