package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = (x − mean) / √(variance + eps) ⊙ weight + bias, with mean and variance taken over the last
 * axes: {@link RowNorm} of a view. A composition.
 *
 * <p>Source: Ba, Kiros and Hinton, <i>Layer normalization</i>, 2016.
 */
public final class LayerNorm {
  private LayerNorm() {}

  /**
   * x normalised over its last axes.
   *
   * @param x of any shape that ends in {@code normalized}
   * @param normalized the sizes of the axes to normalise over
   * @param weight of shape {@code normalized}, or null for ones
   * @param bias of shape {@code normalized}, or null for zeros
   * @param eps added to the variance, PyTorch's default being 1e-5
   */
  public static Tensor of(
      Tensor x, Shape normalized, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    int first = firstOfLast("layer_norm", x, normalized);
    Tensor rows = Standardise.wide(x).flatten(first);
    Tensor w = row("layer_norm", "weight", weight, rows, normalized, 1);
    Tensor b = row("layer_norm", "bias", bias, rows, normalized, 0);
    Tensor y = new RowNorm(eps).apply(rows, w, b);
    return y.reshape(x.shape().toArray()).to(x.dtype());
  }

  /** The first of the axes at the end of x that {@code normalized} names by their sizes. */
  static int firstOfLast(String op, Tensor x, Shape normalized) {
    Require.floating(op, x.meta());
    int first = x.rank() - normalized.rank();
    if (normalized.rank() == 0
        || first < 0
        || !x.shape().slice(first, x.rank()).equals(normalized)) {
      throw new IllegalArgumentException(op + ": " + x.shape() + " does not end in " + normalized);
    }
    return first;
  }

  /** What is given for each place of such rows, or {@code otherwise}. */
  static Tensor row(
      String op, String what, @Nullable Tensor given, Tensor rows, Shape shape, double otherwise) {
    if (given == null) {
      return Tensor.full(rows.meta().with(Shape.of(shape.count())), otherwise);
    }
    Standardise.requireShape(op, what, given, shape);
    return Standardise.wide(given).flatten(0);
  }

  static OpSpec spec() {
    return OpSpec.composition("layer_norm")
        .formula("y = (x − mean) / √(variance + eps) ⊙ weight + bias over the last axes")
        .gradient(
            "dx = (h − mean(h) − x̂ ⊙ mean(h ⊙ x̂)) / σ, h = dy ⊙ weight, x̂ = (x − mean) / σ")
        .example(
            "last",
            t -> of(t[0], Shape.of(5), t[1], t[2], 1e-5),
            Draw.normal(3, 5),
            Draw.normal(5),
            Draw.normal(5))
        .example(
            "last two",
            t -> of(t[0], Shape.of(3, 4), t[1], null, 1e-5),
            Draw.normal(2, 3, 4),
            Draw.normal(3, 4))
        .example("plain", t -> of(t[0], Shape.of(129), null, null, 1e-5), Draw.normal(2, 129))
        .example("one", t -> of(t[0], Shape.of(1), null, null, 1), Draw.normal(3, 1))
        .rejects(
            () -> of(Tensor.zeros(2, 3), Shape.of(2), null, null, 1e-5),
            "layer_norm: [2, 3] does not end in [2]")
        .rejects(
            () -> of(Tensor.zeros(2, 3), Shape.of(3), Tensor.zeros(2), null, 1e-5),
            "layer_norm: the weight is [2]; it must be [3]")
        .rejects(
            () -> of(Tensor.of(1L), Shape.of(1), null, null, 1e-5),
            "layer_norm: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
