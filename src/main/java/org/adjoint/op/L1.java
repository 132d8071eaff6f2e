package org.adjoint.op;

import org.adjoint.Tensor;

/** y = |x − t|: the absolute error, whose slope is 0 where x = t. A composition. */
public final class L1 {
  private L1() {}

  /** Mean over all elements. */
  public static Tensor of(Tensor x, Tensor target) {
    return of(x, target, Reduction.MEAN);
  }

  /** Absolute error of x against a target of its shape. */
  public static Tensor of(Tensor x, Tensor target, Reduction reduction) {
    Reduction.requirePair("l1", x, target);
    return reduction.apply(x.sub(target).abs());
  }

  static OpSpec spec() {
    return OpSpec.composition("l1")
        .formula("y = |x − t|")
        .gradient("dx = dy ⊙ sign(x − t), dt = −dx")
        .example("mean", t -> of(t[0], t[1]), Draw.apart(3, 4), Draw.between(3, 4))
        .example("none", t -> of(t[0], t[1], Reduction.NONE), Draw.apart(127), Draw.between(127))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3)), "l1: prediction [2] and target [3] differ")
        .build();
  }
}
