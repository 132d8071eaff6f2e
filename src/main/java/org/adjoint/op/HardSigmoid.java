package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = x/6 + 1/2, cut to [0, 1]: three straight lines in the place of a sigmoid (Howard and others,
 * Searching for MobileNetV3, 2019). At the corners, −3 and 3, the gradient is that of the slope. A
 * composition.
 */
public final class HardSigmoid {
  private HardSigmoid() {}

  /** x/6 + 1/2 of each element, cut to [0, 1]. */
  public static Tensor of(Tensor x) {
    Require.floating("hard_sigmoid", x.meta());
    return x.div(6).add(0.5).clamp(0, 1);
  }

  static OpSpec spec() {
    return OpSpec.composition("hard_sigmoid")
        .formula("y = min(max(x/6 + 1/2, 0), 1)")
        .gradient("dx = dy / 6 where |x| ≤ 3, else 0")
        .example("hard_sigmoid", t -> HardSigmoid.of(t[0]), Draw.between())
        .example("hard_sigmoid", t -> HardSigmoid.of(t[0]), Draw.between(0))
        .example("hard_sigmoid", t -> HardSigmoid.of(t[0]), Draw.between(129))
        .example("hard_sigmoid", t -> HardSigmoid.of(t[0]), Draw.between(2, 3, 4))
        .rejects(
            () -> HardSigmoid.of(Tensor.of(1L)),
            "hard_sigmoid: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
