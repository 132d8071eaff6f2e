package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x·tanh(log(1 + eˣ)) (Misra, Mish: a self regularized non-monotonic activation function, 2020).
 */
public record Mish() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.Mish.of(x);
  }

  @Override
  public String toString() {
    return "Mish";
  }
}
