package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = x / √(mean(x²) + eps) ⊙ weight, the mean taken over the last axes: {@link RowRms} of a view,
 * as {@link LayerNorm} is of {@link RowNorm}. A composition.
 *
 * <p>Source: Zhang and Sennrich, <i>Root mean square layer normalization</i>, 2019.
 */
public final class RmsNorm {
  private RmsNorm() {}

  /**
   * x divided by its root mean square.
   *
   * @param x of any shape that ends in {@code normalized}
   * @param normalized the sizes of the axes to normalise over
   * @param weight of shape {@code normalized}, or null for ones
   * @param eps added to the mean square
   */
  public static Tensor of(Tensor x, Shape normalized, @Nullable Tensor weight, double eps) {
    int first = LayerNorm.firstOfLast("rms_norm", x, normalized);
    Tensor rows = Standardise.wide(x).flatten(first);
    Tensor w = LayerNorm.row("rms_norm", "weight", weight, rows, normalized, 1);
    return new RowRms(eps).apply(rows, w).reshape(x.shape().toArray()).to(x.dtype());
  }

  static OpSpec spec() {
    return OpSpec.composition("rms_norm")
        .formula("y = x / √(mean(x²) + eps) ⊙ weight over the last axes")
        .gradient("dx = (h − x̂ ⊙ mean(h ⊙ x̂)) / rms, h = dy ⊙ weight, x̂ = x / rms")
        .example("last", t -> of(t[0], Shape.of(5), t[1], 1e-6), Draw.normal(3, 5), Draw.normal(5))
        .example("last two", t -> of(t[0], Shape.of(3, 4), null, 1e-6), Draw.normal(2, 3, 4))
        .example("plain", t -> of(t[0], Shape.of(127), null, 1e-6), Draw.normal(2, 127))
        .rejects(
            () -> of(Tensor.zeros(2, 3), Shape.of(3), Tensor.zeros(2), 1e-6),
            "rms_norm: the weight is [2]; it must be [3]")
        .rejects(
            () -> of(Tensor.zeros(2, 3), Shape.SCALAR, null, 1e-6),
            "rms_norm: [2, 3] does not end in []")
        .build();
  }
}
