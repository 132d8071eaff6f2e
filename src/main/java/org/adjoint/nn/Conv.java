package org.adjoint.nn;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Sliding;
import org.jspecify.annotations.Nullable;

/** y = w ⋆ x + b over n spatial axes: x [N, C, I…], w [F, C / groups, K…], b [F]. */
public final class Conv implements Layer {
  private final Tensor weight;
  private final @Nullable Tensor bias;
  private final org.adjoint.op.Conv op;

  /** A square window of {@code kernel} cells over images, one step at a time, without padding. */
  public Conv(int in, int out, int kernel, Philox random) {
    this(in, out, new int[] {kernel, kernel}, Sliding.over(2), 1, random);
  }

  /** A window of {@code kernel}, one size per spatial axis, that moves as {@code sliding} says. */
  public Conv(int in, int out, int[] kernel, Sliding sliding, int groups, Philox random) {
    if (groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "conv: " + in + " and " + out + " channels do not divide into " + groups + " groups");
    }
    long channels = in / groups;
    long[] sizes =
        LongStream.concat(LongStream.of(out, channels), Arrays.stream(kernel).asLongStream())
            .toArray();
    long fanIn = channels * IntStream.of(kernel).asLongStream().reduce(1, (a, b) -> a * b);
    weight = Init.defaults(random, fanIn, sizes);
    bias = Init.defaults(random, fanIn, out);
    op = new org.adjoint.op.Conv(sliding, groups);
  }

  private Conv(Tensor weight, org.adjoint.op.Conv op) {
    this.weight = weight;
    this.op = op;
    bias = null;
  }

  /** This layer, on the same weight, without a bias: a normalisation that follows has its own. */
  public Conv withoutBias() {
    return new Conv(weight, op);
  }

  /** [F, C / groups, K…]. */
  public Tensor weight() {
    return weight;
  }

  /**
   * [F].
   *
   * @throws IllegalStateException if it has none
   */
  public Tensor bias() {
    if (bias == null) {
      throw new IllegalStateException("conv: it has no bias");
    }
    return bias;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Autocast.product(
        x, weight, (a, w) -> bias == null ? op.apply(a, w) : op.apply(a, w, bias.to(a.dtype())));
  }

  @Override
  public String toString() {
    Shape kernel = weight.shape().slice(2, weight.rank());
    return "Conv(" + weight.size(1) * op.groups() + ", " + weight.size(0) + ", " + kernel + ")";
  }
}
