package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** y = Σ x / n, n the number of elements that each sum runs over. A composition. */
public final class Mean {
  private Mean() {}

  /** Mean of all elements, a scalar; NaN if there are none. */
  public static Tensor of(Tensor x) {
    return of(x, IntStream.range(0, x.rank()).toArray());
  }

  /** Mean along {@code axes}, which are dropped. */
  public static Tensor of(Tensor x, int... axes) {
    Require.floating("mean", x.meta());
    double n = x.shape().countAlong("mean", axes);
    return x.sum(axes).div(n);
  }

  static OpSpec spec() {
    return OpSpec.composition("mean")
        .formula("y = Σ x / n")
        .gradient("dx = dy / n")
        .example("all", t -> t[0].mean(), Draw.normal(2, 3))
        .example("scalar", t -> t[0].mean(), Draw.normal())
        .example("axis", t -> t[0].mean(0), Draw.normal(129, 2))
        .example("axes", t -> t[0].mean(0, -1), Draw.normal(2, 3, 4))
        .example("expanded", t -> t[0].expand(Shape.of(5, 3)).mean(0), Draw.normal(3))
        .rejects(
            () -> Tensor.of(1L).mean(), "mean: I64 is not floating; convert it with to(DType.F32)")
        .rejects(() -> Tensor.zeros(2).mean(1), "mean: [2] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
