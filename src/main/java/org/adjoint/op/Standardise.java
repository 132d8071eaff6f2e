package org.adjoint.op;

import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/** What all normalisations do: bring to mean 0 and variance 1, then scale and shift. */
final class Standardise {
  private Standardise() {}

  /** BF16 and F16 as F32, in which squares and their sums neither overflow nor lose so much. */
  static Tensor wide(Tensor x) {
    return x.dtype().isFloating() && x.dtype().bytes() < 4 ? x.to(DType.F32) : x;
  }

  /** The number of elements that a sum along {@code axes} has. */
  static double count(Tensor x, int... axes) {
    return x.shape().countAlong("size", axes);
  }

  /** The mean along {@code axes}, which stay with size 1. */
  static Tensor mean(Tensor x, int... axes) {
    return x.sumKeepDims(axes).div(count(x, axes));
  }

  /**
   * y ⊙ weight + bias, either of which may be missing.
   *
   * @param op the name to complain in
   * @param shape what weight and bias must look like
   * @param as sizes under which they broadcast to y
   */
  static Tensor affine(
      String op, Tensor y, @Nullable Tensor weight, @Nullable Tensor bias, Shape shape, Shape as) {
    Tensor scaled = y;
    if (weight != null) {
      requireShape(op, "weight", weight, shape);
      scaled = scaled.mul(wide(weight).reshape(as.toArray()));
    }
    if (bias != null) {
      requireShape(op, "bias", bias, shape);
      scaled = scaled.add(wide(bias).reshape(as.toArray()));
    }
    return scaled;
  }

  static void requireShape(String op, String what, Tensor tensor, Shape shape) {
    if (!tensor.shape().equals(shape)) {
      throw new IllegalArgumentException(
          op + ": the " + what + " is " + tensor.shape() + "; it must be " + shape);
    }
  }

  /** [1, C, 1, …] of x's rank: one number per channel, for all positions. */
  static Shape perChannel(Tensor x) {
    Shape shape = Shape.of(1, x.size(1));
    for (int axis = 2; axis < x.rank(); axis++) {
      shape = shape.insert(axis, 1);
    }
    return shape;
  }

  /** The input is floating and has a channel axis, and at least {@code rank} axes. */
  static void requireChannels(String op, Tensor x, int rank) {
    Require.floating(op, x.meta());
    if (x.rank() < rank) {
      throw new IllegalArgumentException(
          op + ": " + x.shape() + " must be [N, C" + (rank > 2 ? ", spatial axes]" : ", …]"));
    }
  }
}
