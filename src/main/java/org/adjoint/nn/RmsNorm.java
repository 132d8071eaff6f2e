package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * Each example divided by the root of its mean square over its last axes, then scaled by a weight
 * of their shape (Zhang, Sennrich, Root mean square layer normalization, 2019).
 */
public final class RmsNorm implements Layer {
  private final Tensor weight;

  /** Over as many last axes as there are {@code sizes}, which must be theirs. */
  public RmsNorm(long... sizes) {
    weight = Tensor.ones(sizes).requireGrad();
  }

  @Override
  public Tensor forward(Tensor x) {
    // PyTorch's default: the distance from 1 to the next number.
    double eps = x.dtype().isFloating() ? 2 * x.dtype().unitRoundoff() : 0;
    return org.adjoint.op.RmsNorm.of(x, weight.shape(), weight, eps);
  }

  @Override
  public String toString() {
    return "RmsNorm(" + weight.shape() + ")";
  }
}
