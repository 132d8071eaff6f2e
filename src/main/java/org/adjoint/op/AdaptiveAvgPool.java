package org.adjoint.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.adjoint.Tensor;

/**
 * The mean over as many {@linkplain Windows.Even even windows} as are asked for, whatever the size
 * of the input: {@link AvgPool} with other windows, a composition.
 */
public final class AdaptiveAvgPool {
  private AdaptiveAvgPool() {}

  /** x [N, C, I…] pooled to [N, C, sizes…]: one size per spatial axis, or one for all. */
  public static Tensor of(Tensor x, int... sizes) {
    return new AvgPool(windows(x, sizes)).apply(x);
  }

  static Windows.Even windows(Tensor x, int... sizes) {
    List<Integer> perAxis =
        sizes.length == 1
            ? Collections.nCopies(Math.max(1, x.rank() - 2), sizes[0])
            : Arrays.stream(sizes).boxed().toList();
    return new Windows.Even(perAxis);
  }

  static OpSpec spec() {
    return OpSpec.composition("adaptive_avg_pool")
        .formula("y[n, c, o] = mean of x[n, c, ⌊o·I / O⌋ … ⌈(o + 1)·I / O⌉ − 1]")
        .gradient("dx[n, c, i] = Σ dy[n, c, o] / size over the windows that see i")
        .example("to 3", t -> of(t[0], 3), Draw.normal(2, 2, 128))
        .example("to 2", t -> of(t[0], 2), Draw.normal(1, 2, 4, 5))
        .example("to 1", t -> of(t[0], 1), Draw.normal(2, 2, 3, 4))
        .example("to more", t -> of(t[0], 3, 5), Draw.normal(1, 1, 2, 3))
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4), 0),
            "avg_pool: [4] cannot be pooled to [0]; both must be at least 1")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4), 2, 2),
            "avg_pool: [1, 1, 4] has 3 axes where [N, C, 2 spatial] is expected")
        .build();
  }
}
