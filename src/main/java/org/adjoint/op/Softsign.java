package org.adjoint.op;

import org.adjoint.Tensor;

/** y = x / (1 + |x|). A composition. */
public final class Softsign {
  private Softsign() {}

  /** x / (1 + |x|) of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("softsign", x.meta());
    return x.div(x.abs().add(1));
  }

  static OpSpec spec() {
    return OpSpec.composition("softsign")
        .formula("y = x / (1 + |x|)")
        .gradient("dx = dy / (1 + |x|)²")
        .example("softsign", t -> Softsign.of(t[0]), Draw.apart())
        .example("softsign", t -> Softsign.of(t[0]), Draw.apart(0))
        .example("softsign", t -> Softsign.of(t[0]), Draw.apart(129))
        .example("softsign", t -> Softsign.of(t[0]), Draw.apart(2, 3, 4))
        .rejects(
            () -> Softsign.of(Tensor.of(1L)),
            "softsign: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
