package org.adjoint.backend;

import org.adjoint.Shape;

/** An operand as a reference sees it: its elements as doubles, one after the other, row-major. */
public record Dense(double[] data, Shape shape) {
  /** A zeroed array of {@code shape}. */
  public static Dense zeros(Shape shape) {
    return new Dense(new double[Math.toIntExact(shape.count())], shape);
  }

  /** Number of elements. */
  public int count() {
    return (int) shape.count();
  }

  /** Size along {@code axis} (negative ones count from the end), as a loop bound. */
  public int size(int axis) {
    return (int) shape.size(axis);
  }
}
