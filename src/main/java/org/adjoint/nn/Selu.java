package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * A scaled {@link Elu} that keeps mean 0 and variance 1 (Klambauer, Unterthiner, Mayr, Hochreiter,
 * Self-normalizing neural networks, 2017).
 */
public record Selu() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.Selu.of(x);
  }

  @Override
  public String toString() {
    return "Selu";
  }
}
