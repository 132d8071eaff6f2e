package org.adjoint.nn;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Each example brought to mean 0 and variance 1 over its last axes, then scaled by a weight and
 * shifted by a bias of their shape (Ba, Kiros, Hinton, Layer normalization, 2016).
 */
public final class LayerNorm implements Layer {
  private static final double EPS = 1e-5;

  private final Tensor weight;
  private final Tensor bias;

  /** Over as many last axes as there are {@code sizes}, which must be theirs. */
  public LayerNorm(long... sizes) {
    weight = Tensor.ones(sizes).requireGrad();
    bias = Tensor.zeros(sizes).requireGrad();
  }

  @Override
  public Tensor forward(Tensor x) {
    Shape sizes = weight.shape();
    return org.adjoint.op.LayerNorm.of(x, sizes, weight, bias, EPS);
  }

  @Override
  public String toString() {
    return "LayerNorm(" + weight.shape() + ")";
  }
}
