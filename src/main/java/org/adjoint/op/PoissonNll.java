package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * The negative log-likelihood of counts t under a Poisson distribution: y = eˣ − t·x for the
 * logarithm x of its mean, or y = x − t·log(x + eps) for the mean x itself. A composition.
 */
public final class PoissonNll {
  private PoissonNll() {}

  /**
   * Poisson loss.
   *
   * @param x means, or their logarithms
   * @param target counts, of x's shape and dtype
   * @param logInput whether x holds logarithms
   * @param full whether to add, where t is above 1, Stirling's t log t − t + ½ log 2πt for the log
   *     t! that does not depend on x
   * @param eps keeps log(x + eps) finite at 0; PyTorch's default is 1e-8
   */
  public static Tensor of(
      Tensor x, Tensor target, boolean logInput, boolean full, double eps, Reduction reduction) {
    Reduction.requirePair("poisson_nll", x, target);
    Tensor losses = logInput ? x.exp().sub(target.mul(x)) : x.sub(target.mul(x.add(eps).log()));
    return reduction.apply(full ? losses.add(stirling(target)) : losses);
  }

  private static Tensor stirling(Tensor t) {
    Tensor u = t.clamp(1, Double.POSITIVE_INFINITY); // where log u is harmless
    Tensor value = u.mul(u.log()).sub(u).add(u.mul(2 * Math.PI).log().mul(0.5));
    return Where.of(t.gt(1), value, 0);
  }

  static OpSpec spec() {
    return OpSpec.composition("poisson_nll")
        .formula("y = eˣ − t·x, or x − t·log(x + eps)")
        .gradient("dx = dy ⊙ (eˣ − t), or dy ⊙ (1 − t / (x + eps))")
        .example(
            "logarithms",
            t -> of(t[0], t[1], true, false, 1e-8, Reduction.MEAN),
            Draw.normal(3, 4),
            Draw.positive(3, 4))
        .example(
            "means",
            t -> of(t[0], t[1], false, false, 1e-8, Reduction.NONE),
            Draw.positive(129),
            Draw.positive(129))
        .example(
            "full",
            t -> of(t[0], t[1], true, true, 1e-8, Reduction.SUM),
            Draw.normal(2, 3),
            Draw.between(2, 3))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3), true, false, 1e-8, Reduction.MEAN),
            "poisson_nll: prediction [2] and target [3] differ")
        .build();
  }
}
