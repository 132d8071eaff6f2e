package org.adjoint.op;

import java.util.Arrays;
import java.util.List;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Transposed convolution: each element of x paints its filter, times itself, onto y, {@code stride}
 * cells further on than its neighbour does. It is the gradient of {@link Conv} in its input, run
 * forwards: a composition.
 *
 * <pre>O = (I − 1)·stride − 2·padding + dilation·(K − 1) + 1 + outputPadding</pre>
 *
 * <p>Several sizes O are convolved to the same I where the stride is above 1; outputPadding, cells
 * at the end which the filters may reach, chooses among them.
 */
public final class ConvTranspose {
  private ConvTranspose() {}

  /** As {@link #of(Tensor, Tensor, Sliding, List, int)}, in one group and without outputPadding. */
  public static Tensor of(Tensor x, Tensor w, Sliding sliding) {
    return of(x, w, sliding, sliding.padding().stream().map(p -> 0).toList(), 1);
  }

  /**
   * Transposed convolution [N, F, O…].
   *
   * @param x [N, C, I…]
   * @param w filters [C, F / groups, K…], as the convolution has them that goes the other way
   * @param outputPadding one number per spatial axis, each less than the stride
   */
  public static Tensor of(
      Tensor x, Tensor w, Sliding sliding, List<Integer> outputPadding, int groups) {
    int axes = sliding.axes();
    if (x.rank() != axes + 2 || w.rank() != axes + 2 || x.size(1) != w.size(0)) {
      throw new IllegalArgumentException(
          ("conv_transpose: %s and filters %s must be [N, C, %3$d spatial] and"
                  + " [C, F / groups, %3$d spatial]")
              .formatted(x.shape(), w.shape(), axes));
    }
    if (groups < 1 || x.size(1) % groups != 0) {
      throw new IllegalArgumentException(
          "conv_transpose: %d channels do not fall into %d groups".formatted(x.size(1), groups));
    }
    long[] sizes = new long[axes + 2];
    sizes[0] = x.size(0);
    sizes[1] = w.size(1) * groups;
    for (int axis = 0; axis < axes; axis++) {
      int stride = sliding.stride().get(axis);
      int extra = outputPadding.size() == axes ? outputPadding.get(axis) : -1;
      if (extra < 0 || extra >= stride) {
        throw new IllegalArgumentException(
            ("conv_transpose: output padding %s must have one number per spatial axis, from 0 to"
                    + " less than the stride %s")
                .formatted(outputPadding, sliding.stride()));
      }
      sizes[axis + 2] =
          (x.size(axis + 2) - 1) * stride
              - 2L * sliding.padding().get(axis)
              + sliding.reach(axis, w.size(axis + 2))
              + extra;
    }
    if (Arrays.stream(sizes).skip(2).anyMatch(size -> size < 1)) {
      throw new IllegalArgumentException(
          "conv_transpose: %s and filters %s leave nothing with padding %s"
              .formatted(x.shape(), w.shape(), sliding.padding()));
    }
    return new Conv.InputGrad(new Conv(sliding, groups), Shape.of(sizes)).apply(x, w);
  }

  static OpSpec spec() {
    Sliding full = Sliding.over(2).withStride(2, 3).withPadding(1, 0).withDilation(1, 2);
    return OpSpec.composition("conv_transpose")
        .formula("y[n, f, i·stride + k·dilation − padding] += x[n, c, i]·w[c, f, k]")
        .gradient("dx = Conv(dy, w), dw = Conv.WeightGrad(dy, x)")
        .example(
            "plain",
            t -> of(t[0], t[1], Sliding.over(1)),
            Draw.normal(2, 3, 4),
            Draw.normal(3, 2, 2))
        .example(
            "full",
            t -> of(t[0], t[1], full, List.of(1, 2), 2),
            Draw.normal(2, 4, 3, 2),
            Draw.normal(4, 3, 3, 2))
        .example(
            "volume",
            t -> of(t[0], t[1], Sliding.over(3).withStride(2)),
            Draw.normal(1, 1, 2, 1, 3),
            Draw.normal(1, 2, 2, 2, 1))
        .example(
            "of nothing",
            t -> of(t[0], t[1], Sliding.over(1)),
            Draw.normal(0, 3, 4),
            Draw.normal(3, 2, 2))
        .rejects(
            () -> of(Tensor.zeros(1, 2, 4), Tensor.zeros(3, 2, 2), Sliding.over(1)),
            "conv_transpose: [1, 2, 4] and filters [3, 2, 2] must be [N, C, 1 spatial] and [C, F /"
                + " groups, 1 spatial]")
        .rejects(
            () -> of(Tensor.zeros(1, 3, 4), Tensor.zeros(3, 2, 2), Sliding.over(1), List.of(0), 2),
            "conv_transpose: 3 channels do not fall into 2 groups")
        .rejects(
            () -> of(Tensor.zeros(1, 3, 4), Tensor.zeros(3, 2, 2), Sliding.over(1), List.of(1), 1),
            "conv_transpose: output padding [1] must have one number per spatial axis, from 0 to"
                + " less than the stride [1]")
        .rejects(
            () -> of(Tensor.zeros(1, 3, 1), Tensor.zeros(3, 2, 2), Sliding.over(1).withPadding(1)),
            "conv_transpose: [1, 3, 1] and filters [3, 2, 2] leave nothing with padding [1]")
        .build();
  }
}
