package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = λ · ELU(x; α) with the λ and α that keep activations at mean 0 and variance 1 (Klambauer,
 * Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks, 2017, equation 14). A
 * composition.
 */
public final class Selu {
  private Selu() {}

  private static final double ALPHA = 1.6732632423543772848;
  private static final double LAMBDA = 1.0507009873554804934;

  /** λx where x is above 0, else λα (eˣ − 1). */
  public static Tensor of(Tensor x) {
    Require.floating("selu", x.meta());
    return Elu.of(x, ALPHA).mul(LAMBDA);
  }

  static OpSpec spec() {
    return OpSpec.composition("selu")
        .formula("y = λx where x > 0, else λα (eˣ − 1)")
        .gradient("dx = λ dy where x > 0, else dy ⊙ λα eˣ")
        .example("selu", t -> Selu.of(t[0]), Draw.apart())
        .example("selu", t -> Selu.of(t[0]), Draw.apart(0))
        .example("selu", t -> Selu.of(t[0]), Draw.apart(129))
        .example("selu", t -> Selu.of(t[0]), Draw.apart(2, 3, 4))
        .rejects(
            () -> Selu.of(Tensor.of(1L)),
            "selu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
