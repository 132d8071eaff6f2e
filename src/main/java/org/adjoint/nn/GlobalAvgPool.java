package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * The mean of each channel: [N, C, I…] to [N, C] (Lin, Chen, Yan, Network in network, 2014, section
 * 3.2).
 */
public record GlobalAvgPool() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.GlobalAvgPool.of(x);
  }

  @Override
  public String toString() {
    return "GlobalAvgPool";
  }
}
