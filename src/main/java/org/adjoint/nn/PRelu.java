package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x, times a learned slope where it is negative: one slope for all, or one for each channel of [N,
 * C, …] (He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015). It begins at a quarter.
 */
public final class PRelu implements Layer {
  private final Tensor weight;

  /** One slope for all. */
  public PRelu() {
    this(1);
  }

  /** One slope for each of so many channels. */
  public PRelu(long channels) {
    weight = Init.constant(Tensor.zeros(channels).requireGrad(), 0.25);
  }

  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.PRelu.of(x, weight);
  }

  @Override
  public String toString() {
    return "PRelu(" + weight.size(0) + ")";
  }
}
