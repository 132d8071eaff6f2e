package org.adjoint.op;

import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = −(t · log p + (1 − t) · log(1 − p)): the cross-entropy of yes-or-no questions, from
 * probabilities. As in PyTorch, no logarithm is below −100, so that p = 0 and p = 1 cost much but
 * not everything; there the gradient is 0. {@link BceWithLogits} has no such limits. A composition.
 */
public final class Bce {
  // A number above 0 with a logarithm below −100: where p is 0, it keeps 0 / p from being NaN.
  private static final double LEAST = Float.MIN_VALUE;

  private Bce() {}

  /** Mean over all elements. */
  public static Tensor of(Tensor p, Tensor target) {
    return of(p, target, null, Reduction.MEAN);
  }

  /**
   * Binary cross-entropy; NaN where p is no probability.
   *
   * @param p probabilities of any shape
   * @param target probabilities of p's shape
   * @param weight what each element counts, broadcast to p, or null for ones
   */
  public static Tensor of(Tensor p, Tensor target, @Nullable Tensor weight, Reduction reduction) {
    Reduction.requirePair("bce", p, target);
    Tensor q = Standardise.wide(p);
    Tensor t = Standardise.wide(target);
    Tensor yes = t.mul(log(q));
    Tensor no = t.neg().add(1).mul(log(q.neg().add(1)));
    Tensor losses = yes.add(no).neg();
    return reduction
        .apply(weight == null ? losses : losses.mul(Standardise.wide(weight)))
        .to(p.dtype());
  }

  private static Tensor log(Tensor p) {
    return Where.of(p.eq(0), LEAST, p).log().clamp(-100, Double.POSITIVE_INFINITY);
  }

  static OpSpec spec() {
    return OpSpec.composition("bce")
        .formula("y = −(t·log p + (1 − t)·log(1 − p)), logarithms at least −100")
        .gradient("dp = dy ⊙ (p − t) / (p·(1 − p))")
        .example(
            "mean", t -> of(t[0].sigmoid(), t[1].sigmoid()), Draw.normal(3, 4), Draw.normal(3, 4))
        .example(
            "weight",
            t -> of(t[0].sigmoid(), t[1].sigmoid(), t[2], Reduction.NONE),
            Draw.normal(3, 4),
            Draw.normal(3, 4),
            Draw.positive(4))
        .example(
            "sum",
            t -> of(t[0].sigmoid(), t[1], null, Reduction.SUM),
            Draw.normal(127),
            Draw.positive(127))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3)), "bce: prediction [2] and target [3] differ")
        .build();
  }
}
