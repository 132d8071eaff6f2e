package org.adjoint.op;

import org.adjoint.DType;
import org.adjoint.Tensor;

/**
 * y = the elements of x where the mask holds, in row-major order, as a vector. Its length depends
 * on the mask's values, which are read at once. A composition.
 */
public final class MaskedSelect {
  private MaskedSelect() {}

  /** The elements of {@code x} where {@code mask}, BOOL and expanded to x's shape, holds. */
  public static Tensor of(Tensor x, Tensor mask) {
    Require.mask("masked_select", mask.meta());
    return x.flatten(0).indexSelect(0, NonZero.places(mask.expand(x.shape())));
  }

  static OpSpec spec() {
    return OpSpec.composition("masked_select")
        .formula("y = the elements of x where the mask holds")
        .gradient("dx = the elements of dy where the mask holds, else 0")
        .example("matrix", t -> of(t[0], t[1]), Draw.normal(3, 43), Draw.mask(3, 43))
        .example("rows", t -> of(t[0], t[1]), Draw.normal(2, 3, 2), Draw.mask(3, 1))
        .example("scalar", t -> of(t[0], t[1]), Draw.normal(), Draw.mask())
        .example("nothing", t -> of(t[0], t[1]), Draw.normal(0, 2), Draw.mask(0, 2))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(2)),
            "masked_select: F32 is not BOOL; compare it with something, as ne(0) does")
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3).to(DType.BOOL)),
            "expand: [3] and [2] do not broadcast: sizes 3 and 2 at axis -1 differ and neither is"
                + " 1")
        .build();
  }
}
