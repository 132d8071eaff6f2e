package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = x Φ(x), Φ the standard normal distribution (Hendrycks and Gimpel, Gaussian error linear
 * units, 2016). A composition.
 */
public final class Gelu {
  private Gelu() {}

  /** x Φ(x), exactly: Φ(x) = erfc(−x/√2) / 2, which does not cancel for x far below 0. */
  public static Tensor of(Tensor x) {
    Require.floating("gelu", x.meta());
    return x.mul(new Erfc().apply(x.mul(-Math.sqrt(0.5))).mul(0.5));
  }

  /** The approximation x (1 + tanh z) / 2 with z = √(2/π) (x + 0.044715 x³); see the paper. */
  public static Tensor tanh(Tensor x) {
    Require.floating("gelu", x.meta());
    Tensor z = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    // (1 + tanh z) / 2 = sigmoid(2z), which does not cancel.
    return x.mul(z.mul(2).sigmoid());
  }

  static OpSpec spec() {
    return OpSpec.composition("gelu")
        .formula("y = x Φ(x), or x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2")
        .gradient("dx = dy ⊙ (Φ(x) + x φ(x))")
        .example("exact", t -> Gelu.of(t[0]), Draw.normal())
        .example("exact", t -> Gelu.of(t[0]), Draw.normal(0))
        .example("exact", t -> Gelu.of(t[0]), Draw.normal(129))
        .example("exact", t -> Gelu.of(t[0]), Draw.normal(2, 3, 4))
        .example("tanh", t -> Gelu.tanh(t[0]), Draw.normal())
        .example("tanh", t -> Gelu.tanh(t[0]), Draw.normal(0))
        .example("tanh", t -> Gelu.tanh(t[0]), Draw.normal(129))
        .example("tanh", t -> Gelu.tanh(t[0]), Draw.normal(2, 3, 4))
        .rejects(
            () -> Gelu.of(Tensor.of(1L)),
            "gelu: I64 is not floating; convert it with to(DType.F32)")
        .rejects(
            () -> Gelu.tanh(Tensor.of(1L)),
            "gelu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
