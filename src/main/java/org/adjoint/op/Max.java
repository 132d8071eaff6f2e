package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * y = max x along {@code axis}, which stays with size 1; the first of equals, and NaN before all
 * numbers. Gradient: dy goes to the place of the maximum, and nothing to the other elements.
 */
public record Max(int axis) implements Extreme {
  /** The largest of all elements, a scalar. */
  public static Tensor of(Tensor x) {
    return of(x.flatten(0), 0);
  }

  /** The largest elements along {@code axis}, which is dropped. */
  public static Tensor of(Tensor x, int axis) {
    return new Max(axis).apply(x).squeeze(axis);
  }

  /** The largest elements along {@code axis}, which is dropped, and where they are. */
  public static Picked picked(Tensor x, int axis) {
    return Picked.of(Tensor.apply(new Max(axis), x)).squeeze(axis);
  }

  @Override
  public boolean beats(double a, double b) {
    return a > b;
  }

  static OpSpec spec() {
    return OpSpec.of(new Max(0))
        .formula("y = max x along the axis")
        .gradient("dx[arg max] = dy, 0 elsewhere")
        .example(new Max(0), Draw.apart(5))
        .example(new Max(1), Draw.apart(3, 129))
        .example(new Max(0), Draw.apart(127, 2))
        .example(new Max(1), Draw.apart(2, 1))
        .example(new Max(-2), Draw.apart(2, 3, 4))
        .example(new Max(0), Draw.apart(3, 0))
        .example("of all", t -> Max.of(t[0]), Draw.apart(2, 3))
        .example("of a scalar", t -> Max.of(t[0]), Draw.apart())
        .rejects(() -> Max.of(Tensor.zeros(2, 0), 1), "max: axis 1 of [2, 0] is empty")
        .rejects(
            () -> Max.of(Tensor.zeros(2, 3), 2), "max: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(
            () -> Max.of(Tensor.of(Shape.of(1), true), 0),
            "max: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
