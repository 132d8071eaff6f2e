package org.adjoint.op;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.ToIntFunction;
import org.adjoint.Shape;
import org.adjoint.backend.cpu.Im2col;
import org.adjoint.backend.cuda.Window;

/**
 * How a window slides over n spatial axes; the geometry of convolution and pooling. Each list has
 * one number per axis.
 *
 * @param stride how far the window moves from one output to the next
 * @param padding how many cells are added on both sides
 * @param dilation distance between neighbouring taps of the window
 */
public record Sliding(List<Integer> stride, List<Integer> padding, List<Integer> dilation) {
  /** Checks that the three lists agree and make sense. */
  public Sliding {
    int n = stride.size();
    if (n == 0 || padding.size() != n || dilation.size() != n) {
      throw new IllegalArgumentException(
          "sliding: stride "
              + stride
              + ", padding "
              + padding
              + " and dilation "
              + dilation
              + " must have one number per spatial axis");
    }
    if (Collections.min(stride) < 1
        || Collections.min(padding) < 0
        || Collections.min(dilation) < 1) {
      throw new IllegalArgumentException(
          "sliding: stride "
              + stride
              + " and dilation "
              + dilation
              + " must be at least 1, padding "
              + padding
              + " at least 0");
    }
  }

  /** One step at a time, without padding or dilation, over {@code axes} spatial axes. */
  public static Sliding over(int axes) {
    List<Integer> ones = Collections.nCopies(axes, 1);
    return new Sliding(ones, Collections.nCopies(axes, 0), ones);
  }

  /** With another stride: one number per axis, or one for all. */
  public Sliding withStride(int... numbers) {
    return new Sliding(perAxis(numbers), padding, dilation);
  }

  /** With padding: one number per axis, or one for all. */
  public Sliding withPadding(int... numbers) {
    return new Sliding(stride, perAxis(numbers), dilation);
  }

  /** With dilation: one number per axis, or one for all. */
  public Sliding withDilation(int... numbers) {
    return new Sliding(stride, padding, perAxis(numbers));
  }

  private List<Integer> perAxis(int... numbers) {
    return numbers.length == 1
        ? Collections.nCopies(axes(), numbers[0])
        : Arrays.stream(numbers).boxed().toList();
  }

  /** Number of spatial axes. */
  public int axes() {
    return stride.size();
  }

  /** Cells that a window of {@code kernel} taps spans along {@code axis}. */
  long reach(int axis, long kernel) {
    return dilation.get(axis) * (kernel - 1) + 1;
  }

  /**
   * Sizes of the output: the positions that the window can take.
   *
   * @param op the name to complain in
   * @throws IllegalArgumentException if the window does not fit into the padded input
   */
  Shape output(String op, Shape input, Shape kernel) {
    return output(op, input, kernel, false);
  }

  /**
   * As above; with {@code ceil}, one position more where the window would leave cells of the input
   * unseen, if it then still starts before the input's end.
   */
  Shape output(String op, Shape input, Shape kernel, boolean ceil) {
    long[] sizes = new long[axes()];
    for (int axis = 0; axis < sizes.length; axis++) {
      long room = input.size(axis) + 2L * padding.get(axis) - reach(axis, kernel.size(axis));
      if (kernel.size(axis) < 1 || room < 0) {
        throw new IllegalArgumentException(
            op
                + ": a window of "
                + kernel
                + " does not fit into "
                + input
                + " with padding "
                + padding
                + " and dilation "
                + dilation);
      }
      long steps = room / stride.get(axis);
      boolean oneMore = ceil && room % stride.get(axis) > 0;
      boolean inside = (steps + 1) * stride.get(axis) < input.size(axis) + padding.get(axis);
      sizes[axis] = (oneMore && inside ? steps + 1 : steps) + 1;
    }
    return Shape.of(sizes);
  }

  /**
   * Receives flat indices of an output position, of a tap, and of the input cell it sees there,
   * which is −1 in the padding.
   */
  @FunctionalInterface
  interface Tap {
    void at(int output, int tap, int input);
  }

  /** Visits every position of the window and every tap of it. */
  void forEachTap(Shape input, Shape kernel, Shape output, Tap tap) {
    int[] position = new int[axes()];
    int[] offset = new int[axes()];
    long[] strides = input.strides();
    for (int o = 0; o < output.count(); o++) {
      for (int k = 0; k < kernel.count(); k++) {
        int cell = 0;
        boolean inside = true;
        for (int axis = 0; axis < axes(); axis++) {
          int at =
              position[axis] * stride.get(axis)
                  + offset[axis] * dilation.get(axis)
                  - padding.get(axis);
          inside &= at >= 0 && at < input.size(axis);
          cell += at * (int) strides[axis];
        }
        tap.at(o, k, inside ? cell : -1);
        Odometer.advance(offset, kernel);
      }
      Odometer.advance(position, output);
    }
  }

  /** The same geometry for the quick roads. */
  Im2col.Geometry geometry(int channels, Shape input, Shape kernel) {
    return new Im2col.Geometry(
        channels,
        ints(i -> (int) input.size(i)),
        ints(i -> (int) kernel.size(i)),
        ints(stride::get),
        ints(padding::get),
        ints(dilation::get));
  }

  /** The same geometry for a GPU. */
  Window window(Shape input, Shape kernel, Shape output) {
    return new Window(input, kernel, output, stride, padding, dilation);
  }

  private int[] ints(ToIntFunction<Integer> number) {
    int[] result = new int[axes()];
    Arrays.setAll(result, number::applyAsInt);
    return result;
  }
}
