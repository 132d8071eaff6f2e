package org.adjoint.op;

import org.adjoint.Tensor;

/** y = x · hard sigmoid(x) (Howard and others, Searching for MobileNetV3, 2019). A composition. */
public final class HardSwish {
  private HardSwish() {}

  /** x · min(max(x/6 + 1/2, 0), 1) of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("hard_swish", x.meta());
    return x.mul(HardSigmoid.of(x));
  }

  static OpSpec spec() {
    return OpSpec.composition("hard_swish")
        .formula("y = x min(max(x/6 + 1/2, 0), 1)")
        .gradient("dx = dy ⊙ (x/3 + 1/2) where |x| ≤ 3, dy above, 0 below")
        .example("hard_swish", t -> HardSwish.of(t[0]), Draw.between())
        .example("hard_swish", t -> HardSwish.of(t[0]), Draw.between(0))
        .example("hard_swish", t -> HardSwish.of(t[0]), Draw.between(129))
        .example("hard_swish", t -> HardSwish.of(t[0]), Draw.between(2, 3, 4))
        .rejects(
            () -> HardSwish.of(Tensor.of(1L)),
            "hard_swish: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
