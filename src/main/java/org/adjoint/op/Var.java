package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.Tensor;

/**
 * y = Σ (x − mean x)² / (n − c), n the number of elements that each sum runs over; c = 1 gives the
 * unbiased estimate of the variance, c = 0 that of the elements themselves. A composition.
 *
 * <p>The mean is taken first, and then the squares: one pass over Σ x² would lose all digits where
 * the mean is large beside the deviation (Chan, Golub and LeVeque, Algorithms for computing the
 * sample variance, 1983).
 */
public final class Var {
  private Var() {}

  /** Variance of all elements with c = 1, a scalar; NaN if there is one, or none. */
  public static Tensor of(Tensor x) {
    return of(x, 1, IntStream.range(0, x.rank()).toArray());
  }

  /**
   * Variance along {@code axes}, which are dropped.
   *
   * @param correction c; where n ≤ c, the result is not finite
   */
  public static Tensor of(Tensor x, double correction, int... axes) {
    Require.floating("var", x.meta());
    double n = x.shape().countAlong("var", axes);
    Tensor mean = x.sumKeepDims(axes).div(n);
    return x.sub(mean).pow(2).sum(axes).div(Math.max(0, n - correction));
  }

  static OpSpec spec() {
    return OpSpec.composition("var")
        .formula("y = Σ (x − mean x)² / (n − c)")
        .gradient("dx = 2 (x − mean x) dy / (n − c)")
        .example("all", t -> t[0].var(), Draw.normal(2, 3))
        .example("axis", t -> t[0].var(0), Draw.normal(129, 2))
        .example("axes", t -> t[0].var(0, -1), Draw.normal(2, 3, 4))
        .example("c = 0", t -> Var.of(t[0], 0, 1), Draw.normal(3, 5))
        .example("c = 0 of one", t -> Var.of(t[0], 0, 0), Draw.normal(1, 2))
        .example("of nothing", t -> Var.of(t[0], 1, 1), Draw.normal(0, 2))
        .rejects(
            () -> Tensor.of(1L).var(), "var: I64 is not floating; convert it with to(DType.F32)")
        .rejects(() -> Tensor.zeros(2).var(1), "var: [2] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
