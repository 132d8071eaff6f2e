package org.adjoint.nn;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.op.Sliding;

/**
 * A convolution's gradient as a layer, which makes pictures larger, over n spatial axes: x [N, C,
 * I…], w [C, F / groups, K…], b [F].
 */
public final class ConvTranspose implements Layer {
  private final Tensor weight;
  private final Tensor bias;
  private final Sliding sliding;
  private final List<Integer> outputPadding;
  private final int groups;

  /** A square window of {@code kernel} cells over images, {@code stride} cells at a time. */
  public ConvTranspose(int in, int out, int kernel, int stride, Philox random) {
    this(in, out, new int[] {kernel, kernel}, Sliding.over(2).withStride(stride), 0, 1, random);
  }

  /**
   * A window of {@code kernel}, one size per spatial axis, that moves as {@code sliding} says;
   * {@code outputPadding} cells more at the end of each axis.
   */
  public ConvTranspose(
      int in,
      int out,
      int[] kernel,
      Sliding sliding,
      int outputPadding,
      int groups,
      Philox random) {
    if (groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "conv_transpose: %d and %d channels do not divide into %d groups"
              .formatted(in, out, groups));
    }
    long each = out / groups;
    long[] sizes =
        LongStream.concat(LongStream.of(in, each), Arrays.stream(kernel).asLongStream()).toArray();
    // PyTorch counts the second axis as the inputs, here too.
    long fanIn = each * IntStream.of(kernel).asLongStream().reduce(1, (a, b) -> a * b);
    weight = Init.defaults(random, fanIn, sizes);
    bias = Init.defaults(random, fanIn, out);
    this.sliding = sliding;
    this.outputPadding = Collections.nCopies(sliding.axes(), outputPadding);
    this.groups = groups;
  }

  /** [C, F / groups, K…]. */
  public Tensor weight() {
    return weight;
  }

  /** [F]. */
  public Tensor bias() {
    return bias;
  }

  @Override
  public Tensor forward(Tensor x) {
    long[] perFilter = new long[weight.rank() - 1];
    Arrays.fill(perFilter, 1);
    perFilter[0] = bias.size(0);
    Tensor y =
        Autocast.product(
            x,
            weight,
            (a, w) -> org.adjoint.op.ConvTranspose.of(a, w, sliding, outputPadding, groups));
    return y.add(bias.reshape(perFilter));
  }

  @Override
  public String toString() {
    return "ConvTranspose("
        + weight.size(0)
        + ", "
        + bias.size(0)
        + ", "
        + weight.shape().slice(2, weight.rank())
        + ")";
  }
}
