package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * The largest element of each window of {@code kernel} cells along each spatial axis, side by side.
 */
public record MaxPool(int kernel) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.MaxPool.of(x, kernel);
  }

  @Override
  public String toString() {
    return "MaxPool(" + kernel + ")";
  }
}
