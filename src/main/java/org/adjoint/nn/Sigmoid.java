package org.adjoint.nn;

import org.adjoint.Tensor;

/** 1 / (1 + e⁻ˣ). */
public record Sigmoid() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.sigmoid();
  }

  @Override
  public String toString() {
    return "Sigmoid";
  }
}
