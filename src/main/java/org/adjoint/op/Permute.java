package org.adjoint.op;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.View;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Layout;

/**
 * y[i_axes₀, i_axes₁, …] = x[i₀, i₁, …]: axis k of the result is axis {@code axes[k]} of the input;
 * a view. Gradient: the inverse permutation of dy.
 */
public record Permute(List<Integer> axes) implements View {
  /** {@code x} with its axes in the order {@code axes}; negative axes count from the end. */
  public static Tensor of(Tensor x, int... axes) {
    return new Permute(Arrays.stream(axes).boxed().toList()).apply(x);
  }

  /** {@code x} with two axes exchanged. */
  public static Tensor transpose(Tensor x, int a, int b) {
    int[] axes = IntStream.range(0, x.rank()).toArray();
    int first = x.shape().axis("transpose", a);
    int second = x.shape().axis("transpose", b);
    axes[first] = second;
    axes[second] = first;
    return of(x, axes);
  }

  @Override
  public Meta[] infer(Meta... in) {
    int[] order = order(in[0].shape());
    long[] sizes = Arrays.stream(order).mapToLong(in[0]::size).toArray();
    return new Meta[] {in[0].with(Shape.of(sizes))};
  }

  private int[] order(Shape shape) {
    int[] order = axes.stream().mapToInt(axis -> shape.axis("permute", axis)).toArray();
    if (order.length != shape.rank() || Arrays.stream(order).distinct().count() != order.length) {
      throw new IllegalArgumentException(
          "permute: " + axes + " does not name each axis of " + shape + " once");
    }
    return order;
  }

  @Override
  public Layout view(Layout in) {
    return in.permute(order(in.shape()));
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int[] order = order(in[0].shape());
    long[] strides = in[0].shape().strides();
    long[] permuted = Arrays.stream(order).mapToLong(axis -> strides[axis]).toArray();
    double[] y = out[0].data();
    int[] index = new int[order.length];
    for (int i = 0; i < y.length; i++) {
      int at = 0;
      for (int axis = 0; axis < index.length; axis++) {
        at += index[axis] * (int) permuted[axis];
      }
      y[i] = in[0].data()[at];
      Odometer.advance(index, out[0].shape());
    }
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    int[] order = order(saved.meta(0).shape());
    int[] inverse = new int[order.length];
    for (int k = 0; k < order.length; k++) {
      inverse[order[k]] = k;
    }
    return new Tensor[] {of(dy[0], inverse)};
  }

  static OpSpec spec() {
    return OpSpec.of(new Permute(List.of(1, 0)))
        .formula("axis k of y is axis axes[k] of x")
        .gradient("dx = dy with the inverse permutation")
        .example(new Permute(List.of(1, 0)), Draw.normal(2, 3))
        .example(new Permute(List.of(2, 0, 1)), Draw.normal(2, 3, 4))
        .example(new Permute(List.of(-1, 0, 1)), Draw.normal(3, 0, 2))
        .example(new Permute(List.of()), Draw.normal())
        .example("transpose", t -> t[0].transpose(0, -1), Draw.normal(127, 2))
        .rejects(
            () -> Tensor.zeros(2, 3).permute(0, 0),
            "permute: [0, 0] does not name each axis of [2, 3] once")
        .rejects(
            () -> Tensor.zeros(2, 3).permute(0),
            "permute: [0] does not name each axis of [2, 3] once")
        .rejects(
            () -> Tensor.zeros(2, 3).transpose(0, 2),
            "transpose: [2, 3] has no axis 2; axes run from -2 to 1")
        .build();
  }
}
