package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * Pixels into channels: each block of r cells per spatial axis becomes rⁿ channels. The inverse of
 * {@link PixelShuffle}, and its gradient; a composition of reshape and permute.
 *
 * <pre>y[n, (c·r + a)·r + b, i, j] = x[n, c, i·r + a, j·r + b]</pre>
 */
public final class PixelUnshuffle {
  private PixelUnshuffle() {}

  /** x [N, C, I·r…] as [N, C·rⁿ, I…]. */
  public static Tensor of(Tensor x, int r) {
    int n = PixelShuffle.requireSpatial("pixel_unshuffle", x, r);
    long[] split = new long[2 + 2 * n];
    long[] joined = new long[2 + n];
    int[] order = new int[2 + 2 * n];
    split[0] = joined[0] = x.size(0);
    split[1] = joined[1] = x.size(1);
    order[1] = 1;
    for (int axis = 0; axis < n; axis++) {
      long size = x.size(2 + axis);
      if (size % r != 0) {
        throw new IllegalArgumentException(
            "pixel_unshuffle: the spatial sizes of " + x.shape() + " are not multiples of " + r);
      }
      split[2 + 2 * axis] = size / r;
      split[3 + 2 * axis] = r;
      order[2 + axis] = 3 + 2 * axis;
      order[2 + n + axis] = 2 + 2 * axis;
      joined[1] *= r;
      joined[2 + axis] = size / r;
    }
    return x.reshape(split).permute(order).reshape(joined);
  }

  static OpSpec spec() {
    return OpSpec.composition("pixel_unshuffle")
        .formula("y[n, (c·r + a)·r + b, i, j] = x[n, c, i·r + a, j·r + b]")
        .gradient("dx = PixelShuffle(dy)")
        .example("by 2", t -> of(t[0], 2), Draw.normal(2, 2, 6, 4))
        .example("by 3", t -> of(t[0], 3), Draw.normal(1, 2, 129))
        .example("volume", t -> of(t[0], 2), Draw.normal(1, 1, 2, 4, 6))
        .example("there and back", t -> PixelShuffle.of(of(t[0], 2), 2), Draw.normal(1, 3, 4, 2))
        .rejects(
            () -> of(Tensor.zeros(1, 1, 4, 3), 2),
            "pixel_unshuffle: the spatial sizes of [1, 1, 4, 3] are not multiples of 2")
        .rejects(
            () -> of(Tensor.zeros(1, 6, 2), 0),
            "pixel_unshuffle: [1, 6, 2] must be [N, C, spatial axes], and the factor 0 above 0")
        .build();
  }
}
