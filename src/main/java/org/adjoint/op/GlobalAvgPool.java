package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.Tensor;

/**
 * The mean of each plane: [N, C, I…] to [N, C], ready for a linear layer; {@code
 * AdaptiveAvgPool.of(x, 1)} keeps the axes. A composition.
 *
 * <p>Source: Lin, Chen and Yan, <i>Network in network</i>, 2014.
 */
public final class GlobalAvgPool {
  private GlobalAvgPool() {}

  /** Mean over all axes of x [N, C, I…] from the third on. */
  public static Tensor of(Tensor x) {
    if (x.rank() < 3) {
      throw new IllegalArgumentException(
          "global_avg_pool: " + x.shape() + " must be [N, C, spatial axes]");
    }
    return Mean.of(x, IntStream.range(2, x.rank()).toArray());
  }

  static OpSpec spec() {
    return OpSpec.composition("global_avg_pool")
        .formula("y[n, c] = Σᵢ x[n, c, i] / number of cells")
        .gradient("dx[n, c, i] = dy[n, c] / number of cells")
        .example("plane", t -> of(t[0]), Draw.normal(2, 3, 4, 5))
        .example("line", t -> of(t[0]), Draw.normal(2, 1, 127))
        .example("volume", t -> of(t[0]), Draw.normal(1, 2, 2, 1, 3))
        .rejects(
            () -> of(Tensor.zeros(2, 3)), "global_avg_pool: [2, 3] must be [N, C, spatial axes]")
        .build();
  }
}
