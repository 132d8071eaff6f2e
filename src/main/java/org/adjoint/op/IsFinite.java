package org.adjoint.op;

import org.adjoint.Tensor;

/** y = whether x is a number other than ±∞. A composition. */
public final class IsFinite {
  private IsFinite() {}

  /** Of each element, whether it is neither NaN nor infinite; BOOL, no gradient. */
  public static Tensor of(Tensor x) {
    Require.floating("is_finite", x.meta());
    return x.abs().lt(Double.POSITIVE_INFINITY);
  }

  static OpSpec spec() {
    return OpSpec.composition("is_finite")
        .formula("y = |x| < ∞")
        .gradient("none: the result is a truth value")
        .example("is_finite", t -> IsFinite.of(t[0]), Draw.normal())
        .example("is_finite", t -> IsFinite.of(t[0]), Draw.normal(0))
        .example("is_finite", t -> IsFinite.of(t[0]), Draw.normal(129))
        .example("is_finite", t -> IsFinite.of(t[0]), Draw.normal(2, 3, 4))
        .rejects(
            () -> IsFinite.of(Tensor.of(1L)),
            "is_finite: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
