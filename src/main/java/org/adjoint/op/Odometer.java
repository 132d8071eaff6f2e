package org.adjoint.op;

import org.adjoint.Shape;

/** Counts through the positions of a shape in row-major order, as an odometer does. */
final class Odometer {
  private Odometer() {}

  /** The next position; after the last one, the first again. */
  static void advance(int[] index, Shape shape) {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape.size(axis)) {
        return;
      }
      index[axis] = 0;
    }
  }
}
