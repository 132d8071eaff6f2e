package org.adjoint.op;

import java.util.Arrays;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * x laid side by side, or each element of it several times. A composition of a new axis, expand and
 * reshape.
 */
public final class Repeat {
  private Repeat() {}

  /**
   * {@code x} repeated {@code counts[i]} times along axis i.
   *
   * @param counts one per axis; more make new leading axes
   */
  public static Tensor of(Tensor x, long... counts) {
    int added = counts.length - x.rank();
    if (added < 0 || Arrays.stream(counts).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          "repeat: "
              + x.shape()
              + " takes a count for each axis, none below 0, not "
              + Arrays.toString(counts));
    }
    // [a, b] as [1, a, 1, b], each 1 of which grows.
    long[] apart = new long[2 * counts.length];
    long[] grown = new long[2 * counts.length];
    long[] sizes = new long[counts.length];
    for (int i = 0; i < counts.length; i++) {
      apart[2 * i] = 1;
      apart[2 * i + 1] = i < added ? 1 : x.size(i - added);
      grown[2 * i] = counts[i];
      grown[2 * i + 1] = apart[2 * i + 1];
      sizes[i] = counts[i] * apart[2 * i + 1];
    }
    return x.reshape(apart).expand(Shape.of(grown)).reshape(sizes);
  }

  /** Each element along {@code axis} {@code count} times, one after the other. */
  public static Tensor interleave(Tensor x, int axis, long count) {
    int at = x.shape().axis("repeat", axis);
    Shape shape = x.shape();
    return x.unsqueeze(at + 1)
        .expand(shape.insert(at + 1, count))
        .reshape(shape.with(at, count * shape.size(at)).toArray());
  }

  static OpSpec spec() {
    return OpSpec.composition("repeat")
        .formula("y[i, j, …] = x[i mod I, j mod J, …]; interleave: y[i] = x[⌊i / count⌋]")
        .gradient("dx = dy summed over the copies")
        .example("2", t -> t[0].repeat(2), Draw.normal(127))
        .example("2, 3", t -> t[0].repeat(2, 3), Draw.normal(3, 4))
        .example("2, 1, 2", t -> t[0].repeat(2, 1, 2), Draw.normal(3, 2))
        .example("scalar", t -> t[0].repeat(3), Draw.normal())
        .example("no times", t -> t[0].repeat(0, 2), Draw.normal(3, 2))
        .example("interleave", t -> interleave(t[0], 0, 3), Draw.normal(4))
        .example("interleave", t -> interleave(t[0], -2, 2), Draw.normal(2, 3, 2))
        .rejects(
            () -> Tensor.zeros(2, 3).repeat(2),
            "repeat: [2, 3] takes a count for each axis, none below 0, not [2]")
        .rejects(
            () -> Tensor.zeros(2).repeat(-1),
            "repeat: [2] takes a count for each axis, none below 0, not [-1]")
        .rejects(
            () -> interleave(Tensor.zeros(2), 1, 2),
            "repeat: [2] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
