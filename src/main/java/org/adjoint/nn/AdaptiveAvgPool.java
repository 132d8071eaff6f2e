package org.adjoint.nn;

import org.adjoint.Tensor;

/** The means of {@code size} windows along each spatial axis, whatever the size of the input. */
public record AdaptiveAvgPool(int size) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.AdaptiveAvgPool.of(x, size);
  }

  @Override
  public String toString() {
    return "AdaptiveAvgPool(" + size + ")";
  }
}
