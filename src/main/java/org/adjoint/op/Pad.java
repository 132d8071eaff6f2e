package org.adjoint.op;

import java.util.Arrays;
import java.util.function.LongBinaryOperator;
import org.adjoint.Meta;
import org.adjoint.Tensor;

/**
 * x with elements added before and after, along its last axes. As in PyTorch, the amounts are those
 * before and after the last axis, then before and after the one before it, and so on; here none is
 * negative (a slice cuts). A composition, one axis after the other.
 */
public final class Pad {
  private Pad() {}

  /** {@code value} around x. */
  public static Tensor constant(Tensor x, double value, int... amounts) {
    require(x, amounts);
    Tensor y = x;
    for (int i = 0; i < amounts.length; i += 2) {
      int axis = x.rank() - 1 - i / 2;
      Meta beside = y.meta();
      y =
          Concat.of(
              axis,
              Tensor.full(beside.with(beside.shape().with(axis, amounts[i])), value),
              y,
              Tensor.full(beside.with(beside.shape().with(axis, amounts[i + 1])), value));
    }
    return y;
  }

  /** x mirrored at its first and last elements, which are not repeated: c b | a b c | b a. */
  public static Tensor reflect(Tensor x, int... amounts) {
    require(x, amounts);
    for (int i = 0; i < amounts.length; i++) {
      int axis = x.rank() - 1 - i / 2;
      if (amounts[i] > 0 && amounts[i] >= x.size(axis)) {
        throw new IllegalArgumentException(
            "pad: axis "
                + axis
                + " of "
                + x.shape()
                + " is too short to be reflected by "
                + amounts[i]);
      }
    }
    return select(
        x,
        (at, size) -> {
          long folded = Math.abs(at);
          return folded < size ? folded : 2 * (size - 1) - folded;
        },
        amounts);
  }

  /** The first and last elements of x repeated: a a | a b c | c c. */
  public static Tensor replicate(Tensor x, int... amounts) {
    require(x, amounts);
    for (int i = 0; i < amounts.length; i++) {
      int axis = x.rank() - 1 - i / 2;
      if (amounts[i] > 0 && x.size(axis) == 0) {
        throw new IllegalArgumentException(
            "pad: axis " + axis + " of " + x.shape() + " has nothing to replicate");
      }
    }
    return select(x, (at, size) -> Math.clamp(at, 0, size - 1), amounts);
  }

  /** Along each axis the elements at {@code from}(position, size), positions from −before on. */
  private static Tensor select(Tensor x, LongBinaryOperator from, int... amounts) {
    Tensor y = x;
    for (int i = 0; i < amounts.length; i += 2) {
      int axis = x.rank() - 1 - i / 2;
      long size = x.size(axis);
      long[] index = new long[Math.toIntExact(amounts[i] + size + amounts[i + 1])];
      int before = amounts[i];
      Arrays.setAll(index, k -> from.applyAsLong(k - before, size));
      y = y.indexSelect(axis, Tensor.of(index).to(y.device()));
    }
    return y;
  }

  private static void require(Tensor x, int... amounts) {
    if (amounts.length % 2 == 1
        || amounts.length > 2 * x.rank()
        || Arrays.stream(amounts).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          "pad: "
              + x.shape()
              + " cannot be padded by "
              + Arrays.toString(amounts)
              + "; give pairs for its last axes, none below 0");
    }
  }

  static OpSpec spec() {
    return OpSpec.composition("pad")
        .formula("y[i] = x[i − before] inside; a constant, x mirrored, or its ends outside")
        .gradient("dx[i] = Σ dy over the places that show x[i]")
        .example("constant", t -> constant(t[0], 2, 1, 3), Draw.normal(4))
        .example("constant", t -> constant(t[0], 0, 0, 1, 2, 0), Draw.normal(2, 3, 127))
        .example("constant", t -> constant(t[0], 1, 1, 1, 1, 1), Draw.normal(0, 2))
        .example("reflect", t -> reflect(t[0], 3, 2), Draw.normal(2, 4))
        .example("reflect", t -> reflect(t[0], 1, 2, 2, 0), Draw.normal(2, 3, 129))
        .example("reflect by nothing", t -> reflect(t[0], 0, 0), Draw.normal(1))
        .example("replicate", t -> replicate(t[0], 3, 6), Draw.normal(2, 4))
        .example("replicate", t -> replicate(t[0], 1, 2, 3, 0, 0, 1), Draw.normal(2, 1, 2))
        .rejects(
            () -> constant(Tensor.zeros(3), 0, 1),
            "pad: [3] cannot be padded by [1]; give pairs for its last axes, none below 0")
        .rejects(
            () -> constant(Tensor.zeros(3), 0, 1, 1, 1, 1),
            "pad: [3] cannot be padded by [1, 1, 1, 1]; give pairs for its last axes, none below 0")
        .rejects(
            () -> replicate(Tensor.zeros(3), -1, 0),
            "pad: [3] cannot be padded by [-1, 0]; give pairs for its last axes, none below 0")
        .rejects(
            () -> reflect(Tensor.zeros(2, 3), 3, 0),
            "pad: axis 1 of [2, 3] is too short to be reflected by 3")
        .rejects(
            () -> replicate(Tensor.zeros(2, 0), 1, 0),
            "pad: axis 1 of [2, 0] has nothing to replicate")
        .build();
  }
}
