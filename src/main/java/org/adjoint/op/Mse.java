package org.adjoint.op;

import org.adjoint.Tensor;

/** y = Σ (x − t)² / n over all n elements: the mean squared error. A composition. */
public final class Mse {
  private Mse() {}

  /** Mean of (x − t)², a scalar; x and t have one shape. */
  public static Tensor of(Tensor x, Tensor target) {
    if (!x.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "mse: prediction " + x.shape() + " and target " + target.shape() + " differ");
    }
    return x.sub(target).pow(2).mean();
  }

  static OpSpec spec() {
    return OpSpec.composition("mse")
        .formula("y = Σ (x − t)² / n")
        .gradient("dx = 2 (x − t) dy / n, dt = −dx")
        .example("mse", t -> t[0].mse(t[1]), Draw.normal(5), Draw.normal(5))
        .example("mse", t -> t[0].mse(t[1]), Draw.normal(3, 43), Draw.normal(3, 43))
        .example("mse", t -> t[0].mse(t[1]), Draw.normal(), Draw.normal())
        .rejects(
            () -> Tensor.zeros(3, 1).mse(Tensor.zeros(3)),
            "mse: prediction [3, 1] and target [3] differ")
        .build();
  }
}
