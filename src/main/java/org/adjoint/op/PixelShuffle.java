package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * Channels into pixels: each group of rⁿ channels becomes one, whose cells lie r times as close in
 * each of the n spatial axes. A composition of reshape and permute, with {@link PixelUnshuffle} as
 * its inverse and gradient.
 *
 * <pre>y[n, c, i·r + a, j·r + b] = x[n, (c·r + a)·r + b, i, j]</pre>
 *
 * <p>Source: Shi et al., <i>Real-time single image and video super-resolution using an efficient
 * sub-pixel convolutional neural network</i>, 2016.
 */
public final class PixelShuffle {
  private PixelShuffle() {}

  /** x [N, C·rⁿ, I…] as [N, C, I·r…]. */
  public static Tensor of(Tensor x, int r) {
    int n = requireSpatial("pixel_shuffle", x, r);
    long cells = 1;
    for (int axis = 0; axis < n; axis++) {
      cells *= r;
    }
    if (x.size(1) % cells != 0) {
      throw new IllegalArgumentException(
          "pixel_shuffle: "
              + x.shape()
              + " has "
              + x.size(1)
              + " channels, not a multiple of "
              + cells);
    }
    // [N, C, r, …, I, …] with each I brought before its r.
    long[] split = new long[2 + 2 * n];
    long[] joined = new long[2 + n];
    int[] order = new int[2 + 2 * n];
    split[0] = joined[0] = x.size(0);
    split[1] = joined[1] = x.size(1) / cells;
    order[1] = 1;
    for (int axis = 0; axis < n; axis++) {
      split[2 + axis] = r;
      split[2 + n + axis] = x.size(2 + axis);
      order[2 + 2 * axis] = 2 + n + axis;
      order[3 + 2 * axis] = 2 + axis;
      joined[2 + axis] = x.size(2 + axis) * r;
    }
    return x.reshape(split).permute(order).reshape(joined);
  }

  /** Checks the arguments; the number of spatial axes. */
  static int requireSpatial(String op, Tensor x, int r) {
    if (x.rank() < 3 || r < 1) {
      throw new IllegalArgumentException(
          op
              + ": "
              + x.shape()
              + " must be [N, C, spatial axes], and the factor "
              + r
              + " above 0");
    }
    return x.rank() - 2;
  }

  static OpSpec spec() {
    return OpSpec.composition("pixel_shuffle")
        .formula("y[n, c, i·r + a, j·r + b] = x[n, (c·r + a)·r + b, i, j]")
        .gradient("dx = PixelUnshuffle(dy)")
        .example("by 2", t -> of(t[0], 2), Draw.normal(2, 8, 3, 2))
        .example("by 3", t -> of(t[0], 3), Draw.normal(1, 6, 43))
        .example("volume", t -> of(t[0], 2), Draw.normal(1, 8, 1, 2, 3))
        .example("of nothing", t -> of(t[0], 2), Draw.normal(1, 4, 0, 2))
        .rejects(
            () -> of(Tensor.zeros(1, 6, 2, 2), 2),
            "pixel_shuffle: [1, 6, 2, 2] has 6 channels, not a multiple of 4")
        .rejects(
            () -> of(Tensor.zeros(1, 6), 2),
            "pixel_shuffle: [1, 6] must be [N, C, spatial axes], and the factor 2 above 0")
        .build();
  }
}
