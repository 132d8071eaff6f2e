package org.adjoint.op;

import java.util.Collections;
import java.util.List;
import org.adjoint.Shape;
import org.adjoint.backend.cuda.Window;

/**
 * Which box of cells each output of a pooling sees, worked out axis by axis: {@link Moving} windows
 * of one size, or as many {@link Even} ones as are asked for.
 */
public sealed interface Windows {
  /**
   * What one output sees along one axis.
   *
   * @param from its first cell
   * @param to the cell after its last
   * @param count the length that a mean divides by, which may count padding
   */
  record Span(long from, long to, long count) {}

  /** What output {@code position} sees along {@code axis} of an input of {@code size} cells. */
  Span span(int axis, long size, int position);

  /**
   * Spatial sizes of the output.
   *
   * @param op the name to complain in
   * @throws IllegalArgumentException if the windows do not fit the spatial sizes of the input
   */
  Shape output(String op, Shape input);

  /** Number of spatial axes. */
  int axes();

  /** The same for a GPU, for spatial sizes of an input and its output. */
  Window window(Shape input, Shape output);

  /** Whether a mean divides by cells of the padding as well. */
  boolean countPadding();

  /**
   * Windows of {@code kernel} cells that move as {@code sliding} says.
   *
   * @param ceil as in {@link MaxPool}
   * @param countPadding whether a mean divides by all cells of the window, those in the padding
   *     counting as zeros, or only by those of the input. What {@code ceil} adds beyond the padding
   *     never counts.
   */
  record Moving(List<Integer> kernel, Sliding sliding, boolean ceil, boolean countPadding)
      implements Windows {
    /** Checks that the window has as many axes as its steps, and is not mostly padding. */
    public Moving {
      MaxPool.requireWindow("avg_pool", kernel, sliding);
      if (Collections.max(sliding.dilation()) > 1) {
        throw new IllegalArgumentException(
            "avg_pool: a dilation of " + sliding.dilation() + " is not known here; use Conv");
      }
    }

    @Override
    public Span span(int axis, long size, int position) {
      int padding = sliding.padding().get(axis);
      long from = (long) position * sliding.stride().get(axis) - padding;
      long to = Math.min(from + kernel.get(axis), size + padding);
      long first = Math.max(from, 0);
      long last = Math.min(to, size);
      return new Span(first, last, countPadding ? to - from : last - first);
    }

    @Override
    public Shape output(String op, Shape input) {
      long[] sizes = kernel.stream().mapToLong(i -> i).toArray();
      return sliding.output(op, input, Shape.of(sizes), ceil);
    }

    @Override
    public int axes() {
      return kernel.size();
    }

    @Override
    public Window window(Shape input, Shape output) {
      long[] sizes = kernel.stream().mapToLong(i -> i).toArray();
      return sliding.window(input, Shape.of(sizes), output);
    }
  }

  /**
   * As many windows as {@code sizes} says, one number per axis: window o of O sees the cells from
   * ⌊o·I / O⌋ to before ⌈(o + 1)·I / O⌉. They cover the input, and overlap where O does not divide
   * I.
   */
  record Even(List<Integer> sizes) implements Windows {
    @Override
    public Span span(int axis, long size, int position) {
      long outputs = sizes.get(axis);
      long from = position * size / outputs;
      long to = Math.ceilDiv((position + 1) * size, outputs);
      return new Span(from, to, to - from);
    }

    @Override
    public Shape output(String op, Shape input) {
      if (Collections.min(sizes) < 1 || input.count() == 0) {
        throw new IllegalArgumentException(
            op + ": " + input + " cannot be pooled to " + sizes + "; both must be at least 1");
      }
      return Shape.of(sizes.stream().mapToLong(i -> i).toArray());
    }

    @Override
    public int axes() {
      return sizes.size();
    }

    @Override
    public Window window(Shape input, Shape output) {
      return Window.even(input, output);
    }

    @Override
    public boolean countPadding() {
      return false;
    }
  }

  /** Receives flat indices of an output and of a cell that it sees, and the count of its mean. */
  @FunctionalInterface
  interface Cell {
    void at(int output, int input, double count);
  }

  /** Visits every cell of every window. */
  default void forEachCell(Shape input, Shape output, Cell cell) {
    long[] strides = input.strides();
    int[] position = new int[axes()];
    int[] offset = new int[axes()];
    long[] sizes = new long[axes()];
    for (int o = 0; o < output.count(); o++) {
      int corner = 0;
      double count = 1;
      for (int axis = 0; axis < axes(); axis++) {
        Span span = span(axis, input.size(axis), position[axis]);
        sizes[axis] = span.to - span.from;
        corner += (int) (span.from * strides[axis]);
        count *= span.count;
      }
      Shape box = Shape.of(sizes);
      for (int k = 0; k < box.count(); k++) {
        int at = corner;
        for (int axis = 0; axis < axes(); axis++) {
          at += offset[axis] * (int) strides[axis];
        }
        cell.at(o, at, count);
        Odometer.advance(offset, box);
      }
      Odometer.advance(position, output);
    }
  }
}
