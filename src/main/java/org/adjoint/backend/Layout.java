package org.adjoint.backend;

import java.util.Arrays;
import org.adjoint.Shape;
import org.jspecify.annotations.Nullable;

/**
 * How the elements of a tensor lie in its storage: element {@code (i, j, …)} is at {@code offset +
 * i·strides[0] + j·strides[1] + …}. A view is another layout of the same storage.
 */
public final class Layout {
  private final Shape shape;
  private final long[] strides;
  private final long offset;

  private Layout(Shape shape, long[] strides, long offset) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
  }

  /** Row-major from the start of the storage. */
  public static Layout contiguous(Shape shape) {
    return new Layout(shape, shape.strides(), 0);
  }

  /** Sizes along the axes. */
  public Shape shape() {
    return shape;
  }

  /** Distance, in elements, between neighbours along {@code axis} (0 to rank − 1). */
  public long stride(int axis) {
    return strides[axis];
  }

  /** Where the first element lies. */
  public long offset() {
    return offset;
  }

  /** Whether the elements lie one after the other in row-major order. */
  public boolean isContiguous() {
    long expected = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      long size = shape.size(i);
      if (size != 1 && strides[i] != expected) {
        return shape.count() == 0;
      }
      expected *= size;
    }
    return true;
  }

  /** Axis i of the result is axis {@code axes[i]} of this; {@code axes} must be a permutation. */
  public Layout permute(int... axes) {
    long[] sizes = new long[axes.length];
    long[] permuted = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      sizes[i] = shape.size(axes[i]);
      permuted[i] = strides[axes[i]];
    }
    return new Layout(Shape.of(sizes), permuted, offset);
  }

  /** {@code count} elements along {@code axis}: start, start + step, start + 2·step, … */
  public Layout slice(int axis, long start, long count, long step) {
    long[] sliced = strides.clone();
    sliced[axis] *= step;
    // An empty slice may start one past the end; it must not point outside the storage.
    long first = count == 0 ? offset : offset + start * strides[axis];
    return new Layout(shape.with(axis, count), sliced, first);
  }

  /** Repeats axes of size 1, and new leading axes, by stride 0. {@code target} must broadcast. */
  public Layout expand(Shape target) {
    int added = target.rank() - shape.rank();
    long[] expanded = new long[target.rank()];
    for (int i = added; i < expanded.length; i++) {
      expanded[i] = shape.size(i - added) == 1 ? 0 : strides[i - added];
    }
    return new Layout(target, expanded, offset);
  }

  /** The same elements under another shape of equal count, or null if that needs a copy. */
  public @Nullable Layout reshape(Shape target) {
    if (isContiguous()) {
      return new Layout(target, target.strides(), offset);
    }
    long[] reshaped = new long[target.rank()];
    Layout merged = merge();
    // Each merged axis must be the product of a run of the target's axes, taken from the end.
    int t = target.rank() - 1;
    for (int m = merged.shape.rank() - 1; m >= 0; m--) {
      long left = merged.shape.size(m);
      long stride = merged.strides[m];
      for (; t >= 0 && left % target.size(t) == 0; t--) {
        if (left == 1 && target.size(t) != 1) {
          break;
        }
        reshaped[t] = stride;
        stride *= target.size(t);
        left /= target.size(t);
      }
      if (left != 1) {
        return null;
      }
    }
    return new Layout(target, reshaped, offset);
  }

  /** The same elements in the same order with as few axes as will do: what a copy loops over. */
  public Layout merge() {
    int rank = shape.rank();
    long[] sizes = new long[rank];
    long[] merged = new long[rank];
    int last = -1;
    for (int i = 0; i < rank; i++) {
      long size = shape.size(i);
      if (size == 1) {
        continue;
      }
      if (last >= 0 && merged[last] == strides[i] * size) {
        sizes[last] *= size;
      } else {
        sizes[++last] = size;
      }
      merged[last] = strides[i];
    }
    Shape fewer = Shape.of(Arrays.copyOf(sizes, last + 1));
    return new Layout(fewer, Arrays.copyOf(merged, last + 1), offset);
  }

  /** Receives a stretch of elements: {@code at}, {@code at + stride}, … {@code length} of them. */
  @FunctionalInterface
  public interface Run {
    /**
     * The stretch holds the elements {@code position} and on, counted from where the walk began.
     */
    void accept(long at, long stride, int position, int length);
  }

  /** Walks the elements {@code from} to {@code from + count} − 1 of the row-major order. */
  public void forEachRun(long from, int count, Run run) {
    Layout walk = merge();
    int rank = walk.shape.rank();
    if (rank == 0) {
      if (count > 0) {
        run.accept(offset, 0, 0, count);
      }
      return;
    }
    long inner = walk.shape.size(rank - 1);
    for (int position = 0; position < count; ) {
      long index = from + position;
      long skip = index % inner;
      int length = (int) Math.min(count - position, inner - skip);
      long at = offset + skip * walk.strides[rank - 1];
      long outer = index / inner;
      for (int i = rank - 2; i >= 0; i--) {
        long size = walk.shape.size(i);
        at += (outer % size) * walk.strides[i];
        outer /= size;
      }
      run.accept(at, walk.strides[rank - 1], position, length);
      position += length;
    }
  }

  @Override
  public String toString() {
    return shape + " strides " + Arrays.toString(strides) + " offset " + offset;
  }
}
