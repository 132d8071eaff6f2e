package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x / (1 + e⁻ˣ), also known as swish (Elfwing, Uchibe, Doya, Sigmoid-weighted linear units, 2017).
 */
public record Silu() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.silu();
  }

  @Override
  public String toString() {
    return "Silu";
  }
}
