package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * y = min x along {@code axis}, which stays with size 1; the first of equals, and NaN before all
 * numbers. Gradient: dy goes to the place of the minimum, and nothing to the other elements.
 */
public record Min(int axis) implements Extreme {
  /** The smallest of all elements, a scalar. */
  public static Tensor of(Tensor x) {
    return of(x.flatten(0), 0);
  }

  /** The smallest elements along {@code axis}, which is dropped. */
  public static Tensor of(Tensor x, int axis) {
    return new Min(axis).apply(x).squeeze(axis);
  }

  /** The smallest elements along {@code axis}, which is dropped, and where they are. */
  public static Picked picked(Tensor x, int axis) {
    return Picked.of(Tensor.apply(new Min(axis), x)).squeeze(axis);
  }

  @Override
  public boolean beats(double a, double b) {
    return a < b;
  }

  static OpSpec spec() {
    return OpSpec.of(new Min(0))
        .formula("y = min x along the axis")
        .gradient("dx[arg min] = dy, 0 elsewhere")
        .example(new Min(0), Draw.apart(5))
        .example(new Min(1), Draw.apart(3, 129))
        .example(new Min(0), Draw.apart(127, 2))
        .example(new Min(1), Draw.apart(2, 1))
        .example(new Min(-2), Draw.apart(2, 3, 4))
        .example(new Min(0), Draw.apart(3, 0))
        .example("of all", t -> Min.of(t[0]), Draw.apart(2, 3))
        .example("of a scalar", t -> Min.of(t[0]), Draw.apart())
        .rejects(() -> Min.of(Tensor.zeros(2, 0), 1), "min: axis 1 of [2, 0] is empty")
        .rejects(
            () -> Min.of(Tensor.zeros(2, 3), 2), "min: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(
            () -> Min.of(Tensor.of(Shape.of(1), true), 0),
            "min: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
