package org.adjoint.nn;

import org.adjoint.Tensor;

/** Hyperbolic tangent. */
public record Tanh() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.tanh();
  }

  @Override
  public String toString() {
    return "Tanh";
  }
}
