package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = (x − mean) / √(variance + eps) ⊙ weight + bias for each channel: with the mean and variance
 * of the batch while training, and with running averages of them afterwards: {@link ChannelNorm}
 * and {@link FrozenNorm}. A composition.
 *
 * <p>Source: Ioffe and Szegedy, <i>Batch normalization</i>, 2015.
 */
public final class BatchNorm {
  private BatchNorm() {}

  /**
   * x [N, C, …] normalised by the statistics of this batch, over all axes but the second.
   *
   * <p>The running statistics, where given, are changed by assign: running ← (1 − momentum) ·
   * running + momentum · batch. As in PyTorch, the variance that goes there is unbiased (divided by
   * n − 1), while the one that x is divided by is not.
   *
   * @param weight [C], or null for ones
   * @param bias [C], or null for zeros
   * @param runningMean [C], or null if nobody keeps it
   * @param runningVar [C], or null if nobody keeps it
   * @param momentum share of this batch in the running statistics
   * @param eps added to the variance, PyTorch's default being 1e-5
   */
  public static Tensor training(
      Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      @Nullable Tensor runningMean,
      @Nullable Tensor runningVar,
      double momentum,
      double eps) {
    Standardise.requireChannels("batch_norm", x, 2);
    int[] axes = IntStream.range(0, x.rank()).filter(axis -> axis != 1).toArray();
    double n = Standardise.count(x, axes);
    if (n < 2) {
      throw new IllegalArgumentException(
          "batch_norm: "
              + x.shape()
              + " has too few values per channel for a variance; take a larger batch");
    }
    Tensor wide = Standardise.wide(x);
    Tensor[] y =
        Tensor.apply(
            new ChannelNorm(eps),
            wide,
            vector("weight", weight, wide, 1),
            vector("bias", bias, wide, 0));
    follow("running mean", runningMean, y[1], momentum, 1);
    follow("running variance", runningVar, y[2], momentum, n / (n - 1));
    return y[0].to(x.dtype());
  }

  /**
   * x [N, C, …] normalised by given statistics, which do not change.
   *
   * @param runningMean [C]
   * @param runningVar [C]
   */
  public static Tensor evaluating(
      Tensor x,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      Tensor runningMean,
      Tensor runningVar,
      double eps) {
    Standardise.requireChannels("batch_norm", x, 2);
    Shape channels = Shape.of(x.size(1));
    Standardise.requireShape("batch_norm", "running mean", runningMean, channels);
    Standardise.requireShape("batch_norm", "running variance", runningVar, channels);
    Tensor wide = Standardise.wide(x);
    Tensor w = vector("weight", weight, wide, 1);
    Tensor b = vector("bias", bias, wide, 0);
    return new FrozenNorm(eps).apply(wide, w, b, runningMean, runningVar).to(x.dtype());
  }

  /** What is given for each channel of x, or {@code otherwise}. */
  private static Tensor vector(String what, @Nullable Tensor given, Tensor x, double otherwise) {
    Shape channels = Shape.of(x.size(1));
    if (given == null) {
      return Tensor.full(x.meta().with(channels), otherwise);
    }
    Standardise.requireShape("batch_norm", what, given, channels);
    return Standardise.wide(given);
  }

  private static void follow(
      String what, @Nullable Tensor running, Tensor batch, double momentum, double factor) {
    if (running == null) {
      return;
    }
    Standardise.requireShape("batch_norm", what, running, batch.shape());
    try (Scope _ = Scope.open()) {
      Grad.off(() -> {
        Tensor now = batch.mul(momentum * factor);
        Tensor before = Standardise.wide(running).mul(1 - momentum);
        running.assign(before.add(now.to(before.dtype())).to(running.dtype()));
      });
    }
  }

  static OpSpec spec() {
    return OpSpec.composition("batch_norm")
        .formula("y = (x − mean) / √(variance + eps) ⊙ weight + bias per channel")
        .gradient(
            "dx = (h − mean(h) − x̂ ⊙ mean(h ⊙ x̂)) / σ, h = dy ⊙ weight, x̂ = (x − mean) / σ")
        .example(
            "training",
            t -> training(t[0], t[1], t[2], null, null, 0.1, 1e-5),
            Draw.normal(3, 2, 2, 3),
            Draw.normal(2),
            Draw.normal(2))
        .example(
            "training", t -> training(t[0], null, null, null, null, 0.1, 1e-5), Draw.normal(127, 2))
        .example(
            "evaluating",
            t -> evaluating(t[0], t[1], t[2], t[3], t[4], 1e-5),
            Draw.normal(2, 3, 4),
            Draw.normal(3),
            Draw.normal(3),
            Draw.normal(3),
            Draw.positive(3))
        .example(
            "evaluating one",
            t -> evaluating(t[0], null, null, t[1], t[2], 1e-3),
            Draw.normal(1, 2),
            Draw.normal(2),
            Draw.positive(2))
        .rejects(
            () -> training(Tensor.zeros(1, 3), null, null, null, null, 0.1, 1e-5),
            "batch_norm: [1, 3] has too few values per channel for a variance; take a larger batch")
        .rejects(
            () -> training(Tensor.zeros(2, 3), null, null, Tensor.zeros(2), null, 0.1, 1e-5),
            "batch_norm: the running mean is [2]; it must be [3]")
        .rejects(
            () -> training(Tensor.zeros(2, 3), Tensor.zeros(2), null, null, null, 0.1, 1e-5),
            "batch_norm: the weight is [2]; it must be [3]")
        .rejects(
            () -> evaluating(Tensor.zeros(3), null, null, Tensor.zeros(3), Tensor.zeros(3), 1e-5),
            "batch_norm: [3] must be [N, C, …]")
        .build();
  }
}
