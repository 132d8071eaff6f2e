package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x, or {@code alpha}·(eˣ − 1) where it is negative (Clevert, Unterthiner, Hochreiter, Fast and
 * accurate deep network learning by exponential linear units, 2016).
 */
public record Elu(double alpha) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.Elu.of(x, alpha);
  }

  @Override
  public String toString() {
    return "Elu(" + alpha + ")";
  }
}
