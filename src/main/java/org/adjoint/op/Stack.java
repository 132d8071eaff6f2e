package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/** y[…, i, …] = xᵢ: tensors of one shape joined along a new axis. A composition. */
public final class Stack {
  private Stack() {}

  /** The tensors, all of one shape, along a new axis at {@code axis} (from −rank − 1 to rank). */
  public static Tensor of(int axis, Tensor... tensors) {
    if (tensors.length == 0) {
      throw new IllegalArgumentException("stack: there is nothing to join; give a tensor");
    }
    Shape first = tensors[0].shape();
    Tensor[] slices = new Tensor[tensors.length];
    for (int i = 0; i < slices.length; i++) {
      if (!tensors[i].shape().equals(first)) {
        throw new IllegalArgumentException(
            "stack: shapes " + first + " and " + tensors[i].shape() + " differ");
      }
      slices[i] = tensors[i].unsqueeze(axis);
    }
    return Concat.of(axis, slices);
  }

  static OpSpec spec() {
    return OpSpec.composition("stack")
        .formula("y[…, i, …] = xᵢ along a new axis")
        .gradient("dxᵢ = dy[…, i, …]")
        .example("first", t -> of(0, t), Draw.normal(3), Draw.normal(3))
        .example("last", t -> of(-1, t), Draw.normal(2, 43), Draw.normal(2, 43), Draw.normal(2, 43))
        .example("middle", t -> of(1, t), Draw.normal(2, 3), Draw.normal(2, 3))
        .example("scalars", t -> of(0, t), Draw.normal(), Draw.normal())
        .example("nothing", t -> of(1, t), Draw.normal(0, 2), Draw.normal(0, 2))
        .rejects(() -> of(0, Tensor.zeros(2), Tensor.zeros(3)), "stack: shapes [2] and [3] differ")
        .rejects(
            () -> of(3, Tensor.zeros(2)), "unsqueeze: [2] takes a new axis at -2 to 1, not at 3")
        .rejects(() -> of(0), "stack: there is nothing to join; give a tensor")
        .build();
  }
}
