package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = log₂ x = ln x / ln 2. It errs by a rounding more than a logarithm of its own would, so powers
 * of 2 may miss their whole number by that. A composition.
 */
public final class Log2 {
  private Log2() {}

  /** Logarithm to base 2 of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("log2", x.meta());
    return x.log().div(StrictMath.log(2));
  }

  static OpSpec spec() {
    return OpSpec.composition("log2")
        .formula("y = ln x / ln 2")
        .gradient("dx = dy / (x ln 2)")
        .example("log2", t -> Log2.of(t[0]), Draw.positive())
        .example("log2", t -> Log2.of(t[0]), Draw.positive(0))
        .example("log2", t -> Log2.of(t[0]), Draw.positive(129))
        .example("log2", t -> Log2.of(t[0]), Draw.positive(2, 3, 4))
        .rejects(
            () -> Log2.of(Tensor.of(1L)),
            "log2: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
