package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = t · (log t − x), the terms of the Kullback–Leibler divergence of a distribution with
 * logarithms x from the target t; 0 where t is 0. A composition.
 */
public final class KlDiv {
  // Where t is 0, t log t is 0 for this in its place.
  private static final double TINY = Float.MIN_NORMAL;

  private KlDiv() {}

  /**
   * Kullback–Leibler divergence.
   *
   * @param x logarithms of probabilities
   * @param target probabilities of x's shape, or their logarithms
   * @param logTarget whether the target holds logarithms
   * @param reduction BATCH_MEAN is the divergence of the definition, averaged over the batch
   */
  public static Tensor of(Tensor x, Tensor target, boolean logTarget, Reduction reduction) {
    Reduction.requirePair("kl_div", x, target);
    if (logTarget) {
      return reduction.apply(target.exp().mul(target.sub(x)));
    }
    Tensor t = Standardise.wide(target);
    Tensor log = t.clamp(TINY, Double.POSITIVE_INFINITY).log();
    return reduction.apply(t.mul(log.sub(Standardise.wide(x)))).to(x.dtype());
  }

  static OpSpec spec() {
    return OpSpec.composition("kl_div")
        .formula("y = t·(log t − x)")
        .gradient("dx = −t dy, dt = (log t + 1 − x) dy")
        .example(
            "batch mean",
            t -> of(t[0].logSoftmax(1), t[1].softmax(1), false, Reduction.BATCH_MEAN),
            Draw.normal(3, 4),
            Draw.normal(3, 4))
        .example(
            "log target",
            t -> of(t[0].logSoftmax(1), t[1].logSoftmax(1), true, Reduction.MEAN),
            Draw.normal(2, 129),
            Draw.normal(2, 129))
        .example(
            "none",
            t -> of(t[0], t[1], false, Reduction.NONE),
            Draw.normal(2, 3, 4),
            Draw.positive(2, 3, 4))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3), false, Reduction.MEAN),
            "kl_div: prediction [2] and target [3] differ")
        .build();
  }
}
