package org.adjoint.op;

import org.adjoint.Tensor;

/** y = 1 / √x; NaN below 0. A composition. */
public final class Rsqrt {
  private Rsqrt() {}

  /** 1 / √x of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("rsqrt", x.meta());
    return x.sqrt().pow(-1);
  }

  static OpSpec spec() {
    return OpSpec.composition("rsqrt")
        .formula("y = 1 / √x")
        .gradient("dx = −dy y³ / 2")
        .example("rsqrt", t -> Rsqrt.of(t[0]), Draw.positive())
        .example("rsqrt", t -> Rsqrt.of(t[0]), Draw.positive(0))
        .example("rsqrt", t -> Rsqrt.of(t[0]), Draw.positive(129))
        .example("rsqrt", t -> Rsqrt.of(t[0]), Draw.positive(2, 3, 4))
        .rejects(
            () -> Rsqrt.of(Tensor.of(1L)),
            "rsqrt: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
