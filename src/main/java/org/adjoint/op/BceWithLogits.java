package org.adjoint.op;

import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = −(posWeight · t · log σ(x) + (1 − t) · log(1 − σ(x))): the cross-entropy of yes-or-no
 * questions, finite for logits of any size. A composition.
 */
public final class BceWithLogits {
  private BceWithLogits() {}

  /** Mean over all elements. */
  public static Tensor of(Tensor x, Tensor target) {
    return of(x, target, null, null, Reduction.MEAN);
  }

  /**
   * Binary cross-entropy of logits.
   *
   * @param x logits of any shape
   * @param target probabilities of x's shape
   * @param weight what each element counts, broadcast to x, or null for ones
   * @param posWeight what a yes counts beside a no, broadcast to x, or null for ones
   */
  public static Tensor of(
      Tensor x,
      Tensor target,
      @Nullable Tensor weight,
      @Nullable Tensor posWeight,
      Reduction reduction) {
    Reduction.requirePair("bce_with_logits", x, target);
    // softplus(x) = log(1 + eˣ) = −log(1 − σ(x)), and softplus(−x) = −log σ(x)
    Tensor yes = target.mul(x.neg().softplus());
    Tensor no = target.neg().add(1).mul(x.softplus());
    Tensor losses = (posWeight == null ? yes : yes.mul(posWeight)).add(no);
    return reduction.apply(weight == null ? losses : losses.mul(weight));
  }

  static OpSpec spec() {
    return OpSpec.composition("bce_with_logits")
        .formula("y = −(posWeight·t·log σ(x) + (1 − t)·log(1 − σ(x)))")
        .gradient("dx = dy ⊙ (σ(x)·(1 − t + posWeight·t) − posWeight·t)")
        .example("mean", t -> of(t[0], t[1].sigmoid()), Draw.normal(3, 4), Draw.normal(3, 4))
        .example(
            "weights",
            t -> of(t[0], t[1].sigmoid(), t[2], t[3], Reduction.NONE),
            Draw.normal(3, 4),
            Draw.normal(3, 4),
            Draw.positive(3, 1),
            Draw.positive(4))
        .example(
            "sum",
            t -> of(t[0], t[1], null, null, Reduction.SUM),
            Draw.normal(129),
            Draw.positive(129))
        .example("scalar", t -> of(t[0], t[1]), Draw.normal(), Draw.positive())
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(2, 1)),
            "bce_with_logits: prediction [2] and target [2, 1] differ")
        .build();
  }
}
