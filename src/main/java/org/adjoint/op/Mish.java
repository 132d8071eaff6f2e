package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = x · tanh(softplus(x)) (Misra, Mish: a self regularized non-monotonic activation function,
 * 2019). A composition.
 */
public final class Mish {
  private Mish() {}

  /** x · tanh(softplus(x)) of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("mish", x.meta());
    return x.mul(x.softplus().tanh());
  }

  static OpSpec spec() {
    return OpSpec.composition("mish")
        .formula("y = x tanh(ln(1 + eˣ))")
        .gradient("dx = dy ⊙ (t + x (1 − t²) sigmoid(x)), t = tanh(ln(1 + eˣ))")
        .example("mish", t -> Mish.of(t[0]), Draw.normal())
        .example("mish", t -> Mish.of(t[0]), Draw.normal(0))
        .example("mish", t -> Mish.of(t[0]), Draw.normal(129))
        .example("mish", t -> Mish.of(t[0]), Draw.normal(2, 3, 4))
        .rejects(
            () -> Mish.of(Tensor.of(1L)),
            "mish: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
