package org.adjoint.backend.cuda;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Shape;

/**
 * How windows lie over spatial axes: the struct {@code Window} of {@code window.cuh}.
 *
 * @param kernel taps of a window; all 0 for even windows, which cover the input between them
 */
public record Window(
    Shape input,
    Shape kernel,
    Shape output,
    List<Integer> stride,
    List<Integer> padding,
    List<Integer> dilation) {
  /** Axes that a kernel's struct has room for. */
  private static final int MOST = 6;

  private static final int LISTS = 6;

  /** Checks that a kernel can take it. */
  public Window {
    if (input.rank() > MOST) {
      throw new UnsupportedOperationException(
          "cuda: windows over " + input.rank() + " axes; there are kernels for up to " + MOST);
    }
  }

  /** Windows by which {@code output} cells cover the input evenly. */
  public static Window even(Shape input, Shape output) {
    List<Integer> ones = Collections.nCopies(input.rank(), 1);
    return new Window(
        input,
        Shape.of(new long[input.rank()]),
        output,
        ones,
        Collections.nCopies(input.rank(), 0),
        ones);
  }

  /** Number of spatial axes. */
  int axes() {
    return input.rank();
  }

  /** The same windows over at least two axes: one axis is a plane of one row. */
  Window asPlane() {
    if (axes() >= 2) {
      return this;
    }
    List<Integer> one = List.of(1);
    return new Window(
        Shape.of(1).concat(input),
        Shape.of(Math.min(1, kernel.size(0))).concat(kernel),
        Shape.of(1).concat(output),
        join(one, stride),
        join(List.of(0), padding),
        join(one, dilation));
  }

  private static List<Integer> join(List<Integer> first, List<Integer> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** Whether windows touch, but neither overlap nor leave gaps, and nothing is padded. */
  boolean isSideBySide() {
    for (int axis = 0; axis < axes(); axis++) {
      if (stride.get(axis) != kernel.size(axis)
          || padding.get(axis) != 0
          || dilation.get(axis) != 1
          || output.size(axis) != input.size(axis) / kernel.size(axis)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the one window sees the whole input and nothing else. */
  boolean isWhole() {
    for (int axis = 0; axis < axes(); axis++) {
      boolean even = kernel.size(axis) == 0;
      boolean exact = kernel.size(axis) == input.size(axis) && padding.get(axis) == 0;
      if (output.size(axis) != 1 || (!even && (!exact || dilation.get(axis) != 1))) {
        return false;
      }
    }
    return true;
  }

  /** The members of the struct. */
  long[] members() {
    long[] members = new long[1 + LISTS * MOST];
    members[0] = axes();
    for (int axis = 0; axis < axes(); axis++) {
      int at = 1 + axis;
      members[at] = input.size(axis);
      members[at + MOST] = output.size(axis);
      members[at + 2 * MOST] = kernel.size(axis);
      members[at + 3 * MOST] = stride.get(axis);
      members[at + 4 * MOST] = padding.get(axis);
      members[at + 5 * MOST] = dilation.get(axis);
    }
    return members;
  }
}
