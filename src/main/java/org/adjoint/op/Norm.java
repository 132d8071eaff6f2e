package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.Tensor;

/**
 * y = (Σ |x|ᵖ)^(1/p), and max |x| for p = ∞. Where all elements are 0, and the norm has no
 * derivative, the gradient is 0; for p = ∞ it goes to the first of equal maxima. A composition.
 *
 * <p>Powers are rounded to x's dtype: in F16, squares of 256 and more overflow; convert to F32
 * first.
 */
public final class Norm {
  private Norm() {}

  /** Euclidean norm of all elements, a scalar. */
  public static Tensor of(Tensor x) {
    return of(x, 2, IntStream.range(0, x.rank()).toArray());
  }

  /**
   * p-norm along {@code axes}, which are dropped.
   *
   * @param p above 0; may be infinite
   */
  public static Tensor of(Tensor x, double p, int... axes) {
    Require.floating("norm", x.meta());
    if (!(p > 0)) {
      throw new IllegalArgumentException("norm: p is " + p + "; it must be above 0");
    }
    if (p == 2) {
      return root(x.pow(2).sum(axes), 2);
    }
    Tensor size = x.abs();
    if (p == 1) {
      return size.sum(axes);
    }
    return p == Double.POSITIVE_INFINITY ? largest(size, axes) : root(size.pow(p).sum(axes), p);
  }

  private static Tensor largest(Tensor size, int... axes) {
    Tensor y = size;
    for (int axis : axes) {
      y = new Max(axis).apply(y);
    }
    return y.sum(axes); // of one element each, which drops the axes
  }

  /** s^(1/p) for s ≥ 0, with the slope 0 at 0 instead of an infinite one. */
  static Tensor root(Tensor s, double p) {
    // [s = 0], a constant: it moves such an s to 1, and the root of it back to 0.
    Tensor zero = s.eq(0).to(s.dtype());
    Tensor safe = s.add(zero);
    return (p == 2 ? safe.sqrt() : safe.pow(1 / p)).sub(zero);
  }

  static OpSpec spec() {
    double infinite = Double.POSITIVE_INFINITY;
    return OpSpec.composition("norm")
        .formula("y = (Σ |x|ᵖ)^(1/p); max |x| for p = ∞")
        .gradient("dx = dy sign(x) (|x| / y)ᵖ⁻¹, 0 where y = 0; dx[argmax |x|] = ±dy for p = ∞")
        .example("p = 2 of all", t -> t[0].norm(), Draw.normal(2, 3))
        .example("p = 2", t -> t[0].norm(2, 1), Draw.normal(2, 129))
        .example("p = 1", t -> t[0].norm(1, 0), Draw.apart(127, 2))
        .example("p = 1, axes", t -> t[0].norm(1, 0, -1), Draw.apart(2, 3, 4))
        .example("p = ∞", t -> t[0].norm(infinite, 1), Draw.apart(3, 5))
        .example("p = ∞, axes", t -> t[0].norm(infinite, -1, 0), Draw.apart(2, 3, 4))
        .example("p = 3", t -> t[0].norm(3, 1), Draw.apart(2, 3))
        .example("p = ½", t -> t[0].norm(0.5, 0), Draw.positive(5))
        .example("of none", t -> t[0].norm(1, 0), Draw.apart(0, 2))
        .rejects(() -> Tensor.zeros(2).norm(0, 0), "norm: p is 0.0; it must be above 0")
        .rejects(
            () -> Tensor.of(1L).norm(), "norm: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
