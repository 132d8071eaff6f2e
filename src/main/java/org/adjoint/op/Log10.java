package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = log₁₀ x = ln x / ln 10. It errs by a rounding more than a logarithm of its own would, so
 * powers of 10 may miss their whole number by that. A composition.
 */
public final class Log10 {
  private Log10() {}

  /** Logarithm to base 10 of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("log10", x.meta());
    return x.log().div(StrictMath.log(10));
  }

  static OpSpec spec() {
    return OpSpec.composition("log10")
        .formula("y = ln x / ln 10")
        .gradient("dx = dy / (x ln 10)")
        .example("log10", t -> Log10.of(t[0]), Draw.positive())
        .example("log10", t -> Log10.of(t[0]), Draw.positive(0))
        .example("log10", t -> Log10.of(t[0]), Draw.positive(129))
        .example("log10", t -> Log10.of(t[0]), Draw.positive(2, 3, 4))
        .rejects(
            () -> Log10.of(Tensor.of(1L)),
            "log10: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
