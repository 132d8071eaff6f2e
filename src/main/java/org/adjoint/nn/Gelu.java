package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x·Φ(x), where Φ is the normal distribution (Hendrycks, Gimpel, Gaussian error linear units,
 * 2016).
 */
public record Gelu() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.gelu();
  }

  @Override
  public String toString() {
    return "Gelu";
  }
}
