package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * y[n, c] = x[n, c] / (k + alpha / size · Σ x[n, j]²)ᵝ, the sum running over the {@code size}
 * channels j around c: local response normalisation. A composition.
 *
 * <p>Source: Krizhevsky, Sutskever and Hinton, <i>ImageNet classification with deep convolutional
 * neural networks</i>, 2012; the division of alpha by the size is PyTorch's and Caffe's.
 */
public final class Lrn {
  private Lrn() {}

  /**
   * Each element divided by the strength of its neighbours in other channels.
   *
   * @param x [N, C, …]
   * @param size channels in the window, c − ⌊size / 2⌋ the first of them
   * @param k what the strength starts from, above 0
   */
  public static Tensor of(Tensor x, int size, double alpha, double beta, double k) {
    Standardise.requireChannels("lrn", x, 2);
    if (size < 1 || !(k > 0)) {
      throw new IllegalArgumentException(
          "lrn: size " + size + " must be at least 1, and k = " + k + " above 0");
    }
    long channels = x.size(1);
    Tensor wide = Standardise.wide(x);
    Shape padded = x.shape().with(1, channels + size - 1);
    Tensor squares =
        new Slice.Embed(new Slice(1, size / 2, channels, 1), padded).apply(wide.pow(2));
    Tensor sum = squares.slice(1, 0, channels);
    for (int j = 1; j < size; j++) {
      sum = sum.add(squares.slice(1, j, j + channels));
    }
    return wide.mul(sum.mul(alpha / size).add(k).pow(-beta)).to(x.dtype());
  }

  static OpSpec spec() {
    return OpSpec.composition("lrn")
        .formula("y[n, c] = x[n, c] / sᵝ, s = k + alpha / size · Σⱼ x[n, j]²")
        .gradient("dx = dy / sᵝ − 2·alpha·beta / size · x ⊙ Σⱼ dy[n, j]·x[n, j] / s[n, j]ᵝ⁺¹")
        .example("5 channels", t -> of(t[0], 5, 0.5, 0.75, 2), Draw.normal(2, 7, 2, 3))
        .example("even", t -> of(t[0], 4, 0.5, 0.75, 1), Draw.normal(2, 3, 2))
        .example("features", t -> of(t[0], 3, 0.1, 0.5, 1), Draw.normal(2, 129))
        .example("one channel", t -> of(t[0], 1, 0.1, 0.5, 1), Draw.normal(2, 1, 1))
        .rejects(
            () -> of(Tensor.zeros(2, 3, 4), 0, 1e-4, 0.75, 1),
            "lrn: size 0 must be at least 1, and k = 1.0 above 0")
        .rejects(() -> of(Tensor.zeros(3), 5, 1e-4, 0.75, 1), "lrn: [3] must be [N, C, …]")
        .build();
  }
}
