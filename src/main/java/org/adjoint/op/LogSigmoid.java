package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = ln sigmoid(x) = −ln(1 + e⁻ˣ); far below 0 it is x, where the sigmoid itself would underflow.
 * A composition.
 */
public final class LogSigmoid {
  private LogSigmoid() {}

  /** Logarithm of the sigmoid of each element. */
  public static Tensor of(Tensor x) {
    Require.floating("log_sigmoid", x.meta());
    return x.neg().softplus().neg();
  }

  static OpSpec spec() {
    return OpSpec.composition("log_sigmoid")
        .formula("y = −ln(1 + e⁻ˣ)")
        .gradient("dx = dy ⊙ sigmoid(−x)")
        .example("log_sigmoid", t -> LogSigmoid.of(t[0]), Draw.normal())
        .example("log_sigmoid", t -> LogSigmoid.of(t[0]), Draw.normal(0))
        .example("log_sigmoid", t -> LogSigmoid.of(t[0]), Draw.normal(129))
        .example("log_sigmoid", t -> LogSigmoid.of(t[0]), Draw.normal(2, 3, 4))
        .rejects(
            () -> LogSigmoid.of(Tensor.of(1L)),
            "log_sigmoid: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
