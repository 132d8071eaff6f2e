package org.adjoint.bench.kernels;

import static org.adjoint.bench.kernels.Family.call;
import static org.adjoint.op.Draw.apart;
import static org.adjoint.op.Draw.normal;
import static org.adjoint.op.Draw.pairs;

import java.util.List;
import org.adjoint.Shape;
import org.adjoint.op.AdaptiveMaxPool;
import org.adjoint.op.AvgPool;
import org.adjoint.op.Conv;
import org.adjoint.op.MaxPool;
import org.adjoint.op.Sliding;
import org.adjoint.op.Windows;

/** Convolutions and poolings: the layers of LeNet and of ResNet-50. */
final class ImageCases {
  private static final String CHANNELS = "*N C H W F";
  private static final String PLANES = "*N *C H =W";

  private ImageCases() {}

  static Family convolution() {
    Family family = new Family("convolution");
    convolutions(family, 5, 1, 0, "64x1x28x28x32", "64x32x12x12x64");
    convolutions(family, 7, 2, 3, "32x3x224x224x64");
    convolutions(family, 1, 1, 0, "32x256x56x56x64", "32x256x56x56x64:BF16");
    convolutions(family, 3, 1, 1, "32x64x56x56x64", "32x512x7x7x512", "31x17x29x31x33");
    convolutions(family, 3, 2, 1, "32x128x56x56x128");
    return family;
  }

  /** Forward, with a bias, and both gradients. */
  private static void convolutions(
      Family family, long kernel, int stride, int padding, String... shapes) {
    Sliding sliding = Sliding.over(2).withStride(stride).withPadding(padding);
    Conv conv = new Conv(sliding, 1);
    family
        .add(
            "conv",
            CHANNELS,
            n ->
                call(
                    conv,
                    normal(n[0], n[1], n[2], n[3]),
                    normal(n[4], n[1], kernel, kernel),
                    normal(n[4])),
            shapes)
        .add(
            "conv.input_grad",
            CHANNELS,
            n ->
                call(
                    new Conv.InputGrad(conv, Shape.of(n[0], n[1], n[2], n[3])),
                    normal(
                        n[0],
                        n[4],
                        windows(n[2], kernel, stride, padding),
                        windows(n[3], kernel, stride, padding)),
                    normal(n[4], n[1], kernel, kernel)),
            shapes)
        .add(
            "conv.weight_grad",
            CHANNELS,
            n ->
                call(
                    new Conv.WeightGrad(conv, Shape.of(n[4], n[1], kernel, kernel), true),
                    normal(n[0], n[1], n[2], n[3]),
                    normal(
                        n[0],
                        n[4],
                        windows(n[2], kernel, stride, padding),
                        windows(n[3], kernel, stride, padding))),
            shapes);
  }

  private static long windows(long size, long kernel, int stride, int padding) {
    return Math.max(0, (size + 2L * padding - kernel) / stride + 1);
  }

  static Family pooling() {
    Family family = new Family("pooling");
    Sliding byTwo = Sliding.over(2).withStride(2);
    pools(family, 2, byTwo, "64x6x14x14", "64x64x56x56", "64x64x56x56:BF16", "7x3x31x33");
    pools(family, 3, byTwo.withPadding(1), "32x64x56x56");
    Windows all = new Windows.Even(List.of(1, 1));
    return family
        .add("avg_pool", PLANES, n -> call(new AvgPool(all), normal(n)), "32x2048x7x7")
        .add(
            "avg_pool.input_grad",
            PLANES,
            n ->
                call(
                    new AvgPool.InputGrad(new AvgPool(all), Shape.of(n)), normal(n[0], n[1], 1, 1)),
            "32x2048x7x7")
        .add(
            "max_pool",
            PLANES,
            n ->
                call(
                    new MaxPool(List.of((int) n[2], (int) n[3]), Sliding.over(2), false), apart(n)),
            "32x512x7x7")
        .add(
            "adaptive_max_pool",
            PLANES,
            n -> call(new AdaptiveMaxPool(new Windows.Even(List.of(1, 1))), apart(n)),
            "32x512x7x7")
        .add(
            "adaptive_max_pool",
            PLANES,
            n -> call(new AdaptiveMaxPool(new Windows.Even(List.of(6, 6))), apart(n)),
            "32x256x13x13");
  }

  /** Of planes that have twice as many rows and columns as there are windows. */
  private static void pools(Family family, int kernel, Sliding sliding, String... shapes) {
    List<Integer> kernels = List.of(kernel, kernel);
    MaxPool max = new MaxPool(kernels, sliding, false);
    AvgPool avg = new AvgPool(new Windows.Moving(kernels, sliding, false, true));
    family
        .add("max_pool", PLANES, n -> call(max, apart(planes(n))), shapes)
        .add(
            "max_pool.input_grad",
            PLANES,
            n -> call(new MaxPool.InputGrad(max, Shape.of(planes(n))), normal(n), pairs(n)),
            shapes)
        .add("avg_pool", PLANES, n -> call(avg, normal(planes(n))), shapes)
        .add(
            "avg_pool.input_grad",
            PLANES,
            n -> call(new AvgPool.InputGrad(avg, Shape.of(planes(n))), normal(n)),
            shapes);
  }

  private static long[] planes(long... windows) {
    return new long[] {windows[0], windows[1], 2 * windows[2], 2 * windows[3]};
  }
}
