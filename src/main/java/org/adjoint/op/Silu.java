package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = x · sigmoid(x), also called swish (Elfwing, Uchibe and Doya, Sigmoid-weighted linear units,
 * 2018). A composition.
 */
public final class Silu {
  private Silu() {}

  /** x · sigmoid(x) of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("silu", x.meta());
    return x.mul(x.sigmoid());
  }

  static OpSpec spec() {
    return OpSpec.composition("silu")
        .formula("y = x sigmoid(x)")
        .gradient("dx = dy ⊙ s (1 + x (1 − s)), s = sigmoid(x)")
        .example("silu", t -> Silu.of(t[0]), Draw.normal())
        .example("silu", t -> Silu.of(t[0]), Draw.normal(0))
        .example("silu", t -> Silu.of(t[0]), Draw.normal(129))
        .example("silu", t -> Silu.of(t[0]), Draw.normal(2, 3, 4))
        .rejects(
            () -> Silu.of(Tensor.of(1L)),
            "silu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
