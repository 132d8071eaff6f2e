package org.adjoint.op;

import org.adjoint.Tensor;

/** y = whether x is not a number. A composition. */
public final class IsNan {
  private IsNan() {}

  /** Of each element, whether it is NaN; BOOL, no gradient. */
  public static Tensor of(Tensor x) {
    Require.floating("is_nan", x.meta());
    return x.ne(x);
  }

  static OpSpec spec() {
    return OpSpec.composition("is_nan")
        .formula("y = x ≠ x")
        .gradient("none: the result is a truth value")
        .example("is_nan", t -> IsNan.of(t[0]), Draw.normal())
        .example("is_nan", t -> IsNan.of(t[0]), Draw.normal(0))
        .example("is_nan", t -> IsNan.of(t[0]), Draw.normal(129))
        .example("is_nan", t -> IsNan.of(t[0]), Draw.normal(2, 3, 4))
        .rejects(
            () -> IsNan.of(Tensor.of(1L)),
            "is_nan: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
