package org.adjoint.op;

import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** y = {@code value} where a mask holds, else x. A composition: {@link Where} with a constant. */
public final class MaskedFill {
  private MaskedFill() {}

  /** {@code x} with {@code value} where {@code mask}, BOOL and expanded to x's shape, holds. */
  public static Tensor of(Tensor x, Tensor mask, double value) {
    Require.mask("masked_fill", mask.meta());
    Require.scalarFits("masked_fill", x.meta(), value);
    return Where.of(mask.expand(x.shape()), value, x);
  }

  static OpSpec spec() {
    return OpSpec.composition("masked_fill")
        .formula("y = value where the mask holds, else x")
        .gradient("dx = 0 where the mask holds, else dy")
        .example("alike", t -> of(t[0], t[1], -2), Draw.normal(129), Draw.mask(129))
        .example("rows", t -> of(t[0], t[1], 1), Draw.normal(2, 3), Draw.mask(3))
        .example("columns", t -> of(t[0], t[1], 0), Draw.normal(2, 3), Draw.mask(2, 1))
        .example("scalar", t -> of(t[0], t[1], 0.5), Draw.normal(), Draw.mask())
        .example("nothing", t -> of(t[0], t[1], 0), Draw.normal(3, 0), Draw.mask(3, 1))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(2), 1),
            "masked_fill: F32 is not BOOL; compare it with something, as ne(0) does")
        .rejects(
            () -> of(Tensor.of(1L), Tensor.of(Shape.of(1), true), 0.5),
            "masked_fill: 0.5 is not whole, and the tensor is I64; convert it with to(DType.F32)")
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3).to(DType.BOOL), 1),
            "expand: [3] and [2] do not broadcast: sizes 3 and 2 at axis -1 differ and neither is"
                + " 1")
        .build();
  }
}
