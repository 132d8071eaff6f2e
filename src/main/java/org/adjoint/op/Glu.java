package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = a ⊙ sigmoid(b), where a and b are the halves of x along an axis: the gated linear unit
 * (Dauphin, Fan, Auli and Grangier, Language modeling with gated convolutional networks, 2017). A
 * composition.
 */
public final class Glu {
  private Glu() {}

  /**
   * The first half of {@code x} along {@code axis}, gated by the sigmoid of the second.
   *
   * @throws IllegalArgumentException if the size along the axis is odd
   */
  public static Tensor of(Tensor x, int axis) {
    Require.floating("glu", x.meta());
    long size = x.size(x.shape().axis("glu", axis));
    if (size % 2 != 0) {
      throw new IllegalArgumentException(
          "glu: axis " + axis + " of " + x.shape() + " has the odd size " + size + ", no halves");
    }
    Tensor gate = x.slice(axis, size / 2, size).sigmoid();
    return x.slice(axis, 0, size / 2).mul(gate);
  }

  static OpSpec spec() {
    return OpSpec.composition("glu")
        .formula("y = a ⊙ sigmoid(b), a and b the halves of x")
        .gradient("da = dy ⊙ s, db = dy ⊙ a ⊙ s (1 − s), s = sigmoid(b)")
        .example("axis 0", t -> Glu.of(t[0], 0), Draw.normal(2))
        .example("axis 1", t -> Glu.of(t[0], 1), Draw.normal(3, 4))
        .example("axis -2", t -> Glu.of(t[0], -2), Draw.normal(2, 6, 3))
        .example("axis 0", t -> Glu.of(t[0], 0), Draw.normal(254))
        .example("axis 1", t -> Glu.of(t[0], 1), Draw.normal(3, 0))
        .rejects(
            () -> Glu.of(Tensor.zeros(2, 3), 1),
            "glu: axis 1 of [2, 3] has the odd size 3, no halves")
        .rejects(() -> Glu.of(Tensor.zeros(2), 1), "glu: [2] has no axis 1; axes run from -1 to 0")
        .rejects(
            () -> Glu.of(Tensor.of(1L, 2L), 0),
            "glu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
