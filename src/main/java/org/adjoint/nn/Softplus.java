package org.adjoint.nn;

import org.adjoint.Tensor;

/** log(1 + eˣ), a smooth {@link Relu}. */
public record Softplus() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.softplus();
  }

  @Override
  public String toString() {
    return "Softplus";
  }
}
