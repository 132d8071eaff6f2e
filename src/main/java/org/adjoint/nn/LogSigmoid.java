package org.adjoint.nn;

import org.adjoint.Tensor;

/** log(1 / (1 + e⁻ˣ)). */
public record LogSigmoid() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.LogSigmoid.of(x);
  }

  @Override
  public String toString() {
    return "LogSigmoid";
  }
}
