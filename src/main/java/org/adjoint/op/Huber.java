package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = d² / 2 where |d| ≤ delta, else delta · (|d| − delta / 2), for d = x − t: a square that goes
 * on as a straight line, so that an outlier pulls no harder than delta. A composition.
 *
 * <p>With q = d held between −delta and delta, both cases are q · (d − q / 2).
 *
 * <p>Source: Huber, <i>Robust estimation of a location parameter</i>, 1964.
 */
public final class Huber {
  private Huber() {}

  /** Huber's loss of x against a target of its shape; {@code delta} is above 0. */
  public static Tensor of(Tensor x, Tensor target, double delta, Reduction reduction) {
    return reduction.apply(losses("huber", x, target, delta));
  }

  /** The same divided by beta, its delta: so it is |d| − beta / 2 beyond, whose slope is 1. */
  public static Tensor smoothL1(Tensor x, Tensor target, double beta, Reduction reduction) {
    return reduction.apply(losses("smooth_l1", x, target, beta).div(beta));
  }

  private static Tensor losses(String op, Tensor x, Tensor target, double delta) {
    Reduction.requirePair(op, x, target);
    if (!(delta > 0)) {
      throw new IllegalArgumentException(
          op + ": the width of the square, " + delta + ", must be above 0; else use L1");
    }
    Tensor d = x.sub(target);
    Tensor q = d.clamp(-delta, delta);
    return q.mul(d.sub(q.div(2)));
  }

  static OpSpec spec() {
    return OpSpec.composition("huber")
        .formula("y = d² / 2 where |d| ≤ delta, else delta·(|d| − delta / 2), d = x − t")
        .gradient("dx = dy ⊙ clamp(x − t, −delta, delta), dt = −dx")
        .example(
            "mean", t -> of(t[0], t[1], 1, Reduction.MEAN), Draw.apart(3, 4), Draw.between(3, 4))
        .example(
            "none", t -> of(t[0], t[1], 0.5, Reduction.NONE), Draw.apart(129), Draw.between(129))
        .example(
            "smooth L1",
            t -> smoothL1(t[0], t[1], 0.5, Reduction.SUM),
            Draw.apart(3, 4),
            Draw.between(3, 4))
        .rejects(
            () -> of(Tensor.zeros(2), Tensor.zeros(3), 1, Reduction.MEAN),
            "huber: prediction [2] and target [3] differ")
        .rejects(
            () -> smoothL1(Tensor.zeros(2), Tensor.zeros(2), 0, Reduction.MEAN),
            "smooth_l1: the width of the square, 0.0, must be above 0; else use L1")
        .build();
  }
}
