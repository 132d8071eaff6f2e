package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Each example's channels in {@code groups} groups, each group brought to mean 0 and variance 1
 * over its channels and positions; then a scale and a shift per channel. A composition.
 *
 * <p>Source: Wu and He, <i>Group normalization</i>, 2018.
 */
public final class GroupNorm {
  private GroupNorm() {}

  /**
   * x normalised group by group.
   *
   * @param x [N, C, …]
   * @param groups a divisor of C
   * @param weight [C], or null for ones
   * @param bias [C], or null for zeros
   * @param eps added to the variance, PyTorch's default being 1e-5
   */
  public static Tensor of(
      Tensor x, int groups, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    return of("group_norm", x, groups, weight, bias, eps);
  }

  static Tensor of(
      String op, Tensor x, int groups, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    Standardise.requireChannels(op, x, 2);
    long channels = x.size(1);
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          op + ": " + x.shape() + " has " + channels + " channels, not a multiple of " + groups);
    }
    long perGroup = x.shape().slice(1, x.rank()).count() / groups;
    Tensor grouped = Standardise.wide(x).reshape(x.size(0), groups, perGroup);
    Tensor y = RowNorm.of(grouped, eps).reshape(x.shape().toArray());
    Shape vector = Shape.of(channels);
    return Standardise.affine(op, y, weight, bias, vector, Standardise.perChannel(x)).to(x.dtype());
  }

  static OpSpec spec() {
    return OpSpec.composition("group_norm")
        .formula("y = (x − mean) / √(variance + eps) ⊙ weight + bias per example and group")
        .gradient(
            "dx = (h − mean(h) − x̂ ⊙ mean(h ⊙ x̂)) / σ, h = dy ⊙ weight, x̂ = (x − mean) / σ")
        .example(
            "image",
            t -> of(t[0], 2, t[1], t[2], 1e-5),
            Draw.normal(2, 4, 3, 2),
            Draw.normal(4),
            Draw.normal(4))
        .example("one group", t -> of(t[0], 1, null, null, 1e-5), Draw.normal(2, 3, 5))
        .example("features", t -> of(t[0], 2, null, t[1], 1e-5), Draw.normal(2, 6), Draw.normal(6))
        .rejects(
            () -> of(Tensor.zeros(1, 4, 2), 3, null, null, 1e-5),
            "group_norm: [1, 4, 2] has 4 channels, not a multiple of 3")
        .rejects(
            () -> of(Tensor.zeros(1, 4, 2), 2, Tensor.zeros(2), null, 1e-5),
            "group_norm: the weight is [2]; it must be [4]")
        .rejects(
            () -> of(Tensor.zeros(4), 2, null, null, 1e-5), "group_norm: [4] must be [N, C, …]")
        .build();
  }
}
