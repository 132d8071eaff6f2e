package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.Tensor;

/**
 * y = √{@link Var}. Where all elements are equal, and the root has no derivative, the gradient is
 * 0. A composition.
 */
public final class Std {
  private Std() {}

  /** Standard deviation of all elements with c = 1, a scalar; NaN if there is one, or none. */
  public static Tensor of(Tensor x) {
    return of(x, 1, IntStream.range(0, x.rank()).toArray());
  }

  /** Standard deviation along {@code axes}, which are dropped; {@code correction} as for Var. */
  public static Tensor of(Tensor x, double correction, int... axes) {
    Require.floating("std", x.meta());
    return Norm.root(Var.of(x, correction, axes), 2);
  }

  static OpSpec spec() {
    return OpSpec.composition("std")
        .formula("y = √(Σ (x − mean x)² / (n − c))")
        .gradient("dx = (x − mean x) dy / ((n − c) y), 0 where y = 0")
        .example("all", t -> t[0].std(), Draw.normal(2, 3))
        .example("axis", t -> t[0].std(0), Draw.normal(129, 2))
        .example("axes", t -> t[0].std(0, -1), Draw.normal(2, 3, 4))
        .example("c = 0", t -> Std.of(t[0], 0, 1), Draw.normal(3, 5))
        .rejects(
            () -> Tensor.of(1L).std(), "std: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
