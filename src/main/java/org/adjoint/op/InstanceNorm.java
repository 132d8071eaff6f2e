package org.adjoint.op;

import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Each plane brought to mean 0 and variance 1 by itself: {@link GroupNorm} with a group per
 * channel. A composition.
 *
 * <p>Source: Ulyanov, Vedaldi and Lempitsky, <i>Instance normalization</i>, 2016.
 */
public final class InstanceNorm {
  private InstanceNorm() {}

  /**
   * x normalised plane by plane.
   *
   * @param x [N, C, spatial axes]
   * @param weight [C], or null for ones
   * @param bias [C], or null for zeros
   * @param eps added to the variance, PyTorch's default being 1e-5
   */
  public static Tensor of(Tensor x, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    Standardise.requireChannels("instance_norm", x, 3);
    return GroupNorm.of("instance_norm", x, Math.max(1, (int) x.size(1)), weight, bias, eps);
  }

  static OpSpec spec() {
    return OpSpec.composition("instance_norm")
        .formula("y = (x − mean) / √(variance + eps) ⊙ weight + bias per plane")
        .gradient(
            "dx = (h − mean(h) − x̂ ⊙ mean(h ⊙ x̂)) / σ, h = dy ⊙ weight, x̂ = (x − mean) / σ")
        .example(
            "image",
            t -> of(t[0], t[1], t[2], 1e-5),
            Draw.normal(2, 3, 2, 4),
            Draw.normal(3),
            Draw.normal(3))
        .example("line", t -> of(t[0], null, null, 1e-5), Draw.normal(1, 2, 129))
        .rejects(
            () -> of(Tensor.zeros(2, 3), null, null, 1e-5),
            "instance_norm: [2, 3] must be [N, C, spatial axes]")
        .rejects(
            () -> of(Tensor.zeros(2, 3, 4), null, Tensor.zeros(4), 1e-5),
            "instance_norm: the bias is [4]; it must be [3]")
        .build();
  }
}
