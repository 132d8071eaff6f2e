package org.adjoint.nn;

import java.util.stream.IntStream;
import org.adjoint.Tensor;

/**
 * The mean of each channel: [N, C, I…] to [N, C] (Lin, Chen, Yan, Network in network, 2014, section
 * 3.2).
 */
public record GlobalAvgPool() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    if (x.rank() < 3) {
      throw new IllegalArgumentException(
          "global_avg_pool: " + x.shape() + " must be [N, C, I…] with at least one spatial axis");
    }
    return x.mean(IntStream.range(2, x.rank()).toArray());
  }

  @Override
  public String toString() {
    return "GlobalAvgPool";
  }
}
