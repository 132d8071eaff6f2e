package org.adjoint.nn;

import org.adjoint.Tensor;

/** max(x, 0). */
public record Relu() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }

  @Override
  public String toString() {
    return "Relu";
  }
}
