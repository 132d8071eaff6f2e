package org.adjoint.nn;

import org.adjoint.Tensor;

/** eˣ / Σ eˣ along {@code axis}. */
public record Softmax(int axis) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.softmax(axis);
  }

  @Override
  public String toString() {
    return "Softmax(" + axis + ")";
  }
}
