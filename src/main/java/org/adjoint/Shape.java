package org.adjoint;

import java.util.Arrays;
import java.util.StringJoiner;

/** The sizes of a tensor along its axes; the empty shape {@code []} is that of a scalar. */
public final class Shape {
  /** The shape of a scalar: no axes, one element. */
  public static final Shape SCALAR = new Shape(new long[0]);

  private final long[] sizes;
  private final long count;

  private Shape(long[] sizes) {
    this.sizes = sizes;
    this.count = product(sizes);
  }

  /**
   * The shape of the given sizes.
   *
   * @throws IllegalArgumentException for a negative size, or more than 2⁶³−1 elements
   */
  public static Shape of(long... sizes) {
    return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
  }

  private static long product(long[] sizes) {
    long count = 1;
    boolean empty = false;
    boolean overflow = false;
    for (long size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("shape: negative size in " + Arrays.toString(sizes));
      }
      empty |= size == 0;
      overflow |= size != 0 && count > Long.MAX_VALUE / size;
      count *= size;
    }
    if (overflow && !empty) {
      throw new IllegalArgumentException(
          "shape: " + Arrays.toString(sizes) + " has more than 2^63 - 1 elements");
    }
    return empty ? 0 : count;
  }

  /** Number of axes. */
  public int rank() {
    return sizes.length;
  }

  /** Number of elements: the product of the sizes. */
  public long count() {
    return count;
  }

  /**
   * Size along {@code axis}; negative axes count from the end.
   *
   * @throws IllegalArgumentException if there is no such axis
   */
  public long size(int axis) {
    return sizes[axis("size", axis)];
  }

  /** The sizes, as a fresh array. */
  public long[] toArray() {
    return sizes.clone();
  }

  /**
   * {@code axis} as a number from 0 to rank − 1; negative axes count from the end.
   *
   * @param op the name to complain in
   * @throws IllegalArgumentException if there is no such axis
   */
  public int axis(String op, int axis) {
    int normal = axis < 0 ? axis + rank() : axis;
    if (normal < 0 || normal >= rank()) {
      throw new IllegalArgumentException(
          op
              + ": "
              + this
              + " has no axis "
              + axis
              + (rank() == 0
                  ? "; it is a scalar"
                  : "; axes run from " + -rank() + " to " + (rank() - 1)));
    }
    return normal;
  }

  /** This shape with {@code size} in the place of the size along {@code axis}. */
  public Shape with(int axis, long size) {
    long[] changed = sizes.clone();
    changed[axis("shape", axis)] = size;
    return new Shape(changed);
  }

  /** This shape with a new axis of {@code size} before position {@code at} (0 to rank). */
  public Shape insert(int at, long size) {
    long[] longer = new long[rank() + 1];
    System.arraycopy(sizes, 0, longer, 0, at);
    longer[at] = size;
    System.arraycopy(sizes, at, longer, at + 1, rank() - at);
    return new Shape(longer);
  }

  /** This shape without the axis {@code axis}. */
  public Shape remove(int axis) {
    int at = axis("shape", axis);
    long[] shorter = new long[rank() - 1];
    System.arraycopy(sizes, 0, shorter, 0, at);
    System.arraycopy(sizes, at + 1, shorter, at, shorter.length - at);
    return new Shape(shorter);
  }

  /** The axes from {@code from} to {@code to} − 1 as a shape of their own. */
  public Shape slice(int from, int to) {
    return new Shape(Arrays.copyOfRange(sizes, from, to));
  }

  /** This shape followed by {@code tail}'s sizes. */
  public Shape concat(Shape tail) {
    long[] joined = Arrays.copyOf(sizes, rank() + tail.rank());
    System.arraycopy(tail.sizes, 0, joined, rank(), tail.rank());
    return new Shape(joined);
  }

  /**
   * Number of elements along the axes before {@code axis}: how many times it is walked, outside.
   */
  public long countBefore(int axis) {
    return slice(0, axis("shape", axis)).count;
  }

  /** Number of elements along the axes after {@code axis}: the distance of its neighbours. */
  public long countAfter(int axis) {
    return slice(axis("shape", axis) + 1, rank()).count;
  }

  /**
   * Number of elements that a sum along {@code axes} adds up; negative axes count from the end.
   *
   * @param op the name to complain in
   * @throws IllegalArgumentException if there is no such axis
   */
  public double countAlong(String op, int... axes) {
    double n = 1;
    for (int axis : axes) {
      n *= sizes[axis(op, axis)];
    }
    return n;
  }

  /** Row-major strides in elements: the last axis has stride 1. */
  public long[] strides() {
    long[] strides = new long[rank()];
    long stride = 1;
    for (int i = rank() - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(1, sizes[i]);
    }
    return strides;
  }

  /**
   * The common shape of {@code a} and {@code b} under broadcasting: aligned at the last axis, each
   * pair of sizes must be equal or one of them 1.
   *
   * @param op the name to complain in
   * @throws IllegalArgumentException if the two do not broadcast
   */
  public static Shape broadcast(String op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] common = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long m = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
      long n = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
      if (m != n && m != 1 && n != 1) {
        throw new IllegalArgumentException(
            op
                + ": "
                + a
                + " and "
                + b
                + " do not broadcast: sizes "
                + m
                + " and "
                + n
                + " at axis "
                + -i
                + " differ and neither is 1");
      }
      common[rank - i] = m == 1 ? n : m;
    }
    return new Shape(common);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  /** For example {@code [32, 784]}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "[", "]");
    for (long size : sizes) {
      text.add(Long.toString(size));
    }
    return text.toString();
  }
}
