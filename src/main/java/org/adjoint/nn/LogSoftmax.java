package org.adjoint.nn;

import org.adjoint.Tensor;

/** log(eˣ / Σ eˣ) along {@code axis}. */
public record LogSoftmax(int axis) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.logSoftmax(axis);
  }

  @Override
  public String toString() {
    return "LogSoftmax(" + axis + ")";
  }
}
