package org.adjoint.nn;

import org.adjoint.Tensor;

/** The mean of each window of {@code kernel} cells along each spatial axis, side by side. */
public record AvgPool(int kernel) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.AvgPool.of(x, kernel);
  }

  @Override
  public String toString() {
    return "AvgPool(" + kernel + ")";
  }
}
