package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = x where x &gt; 0, else α (eˣ − 1) (Clevert, Unterthiner and Hochreiter, Fast and accurate
 * deep network learning by exponential linear units, 2015). A composition.
 */
public final class Elu {
  private Elu() {}

  /** x where it is above 0, else α (eˣ − 1); 1 is the usual α. */
  public static Tensor of(Tensor x, double alpha) {
    Require.floating("elu", x.meta());
    // The exponential sees no x above 0: it would overflow there, and its gradient become 0 · ∞.
    Tensor below = new Clamp(Double.NEGATIVE_INFINITY, 0).apply(x);
    return x.relu().add(new Expm1().apply(below).mul(alpha));
  }

  static OpSpec spec() {
    return OpSpec.composition("elu")
        .formula("y = x where x > 0, else α (eˣ − 1)")
        .gradient("dx = dy where x > 0, else dy ⊙ α eˣ")
        .example("elu", t -> Elu.of(t[0], 1.5), Draw.apart())
        .example("elu", t -> Elu.of(t[0], 1.5), Draw.apart(0))
        .example("elu", t -> Elu.of(t[0], 1.5), Draw.apart(129))
        .example("elu", t -> Elu.of(t[0], 1.5), Draw.apart(2, 3, 4))
        .rejects(
            () -> Elu.of(Tensor.of(1L), 1.5),
            "elu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
