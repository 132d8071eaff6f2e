package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * Each channel of each example brought to mean 0 and variance 1, then scaled by a weight [C] and
 * shifted by a bias [C] (Ulyanov, Vedaldi, Lempitsky, Instance normalization, 2016). Without weight
 * and bias, PyTorch's default, the operation itself is a layer: {@code x ->
 * org.adjoint.op.InstanceNorm.of(x, null, null, 1e-5)}.
 */
public final class InstanceNorm implements Layer {
  private static final double EPS = 1e-5;

  private final Tensor weight;
  private final Tensor bias;

  /** For inputs of so many channels. */
  public InstanceNorm(long channels) {
    weight = Tensor.ones(channels).requireGrad();
    bias = Tensor.zeros(channels).requireGrad();
  }

  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.InstanceNorm.of(x, weight, bias, EPS);
  }

  @Override
  public String toString() {
    return "InstanceNorm(" + weight.size(0) + ")";
  }
}
