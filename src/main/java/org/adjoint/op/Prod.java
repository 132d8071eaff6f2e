package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = Π x along an axis. A composition: one half times the other, and again, until one element is
 * left. So no gradient divides by an element, and all of them are right where elements are 0.
 */
public final class Prod {
  private Prod() {}

  /** Product of all elements, a scalar; 1 if there are none. */
  public static Tensor of(Tensor x) {
    return of(x.flatten(0), 0);
  }

  /** Product along {@code axis}, which is dropped. */
  public static Tensor of(Tensor x, int axis) {
    Require.numeric("prod", x.meta());
    int at = x.shape().axis("prod", axis);
    if (x.size(at) == 0) {
      return x.sum(at).add(1); // the empty sum, made the empty product
    }
    Tensor y = x;
    Tensor odd = null; // the product of those that found no partner
    while (y.size(at) > 1) {
      long half = y.size(at) / 2;
      if (y.size(at) % 2 == 1) {
        Tensor last = y.slice(at, 2 * half, 2 * half + 1);
        odd = odd == null ? last : odd.mul(last);
      }
      y = y.slice(at, 0, half).mul(y.slice(at, half, 2 * half));
    }
    return (odd == null ? y : y.mul(odd)).squeeze(at);
  }

  static OpSpec spec() {
    return OpSpec.composition("prod")
        .formula("y = Π x along the axis")
        .gradient("dx[k] = dy · Π over the others")
        .example("all", t -> t[0].prod(), Draw.normal(2, 3))
        .example("scalar", t -> t[0].prod(), Draw.normal())
        .example("axis", t -> t[0].prod(0), Draw.normal(7, 2))
        .example("middle", t -> t[0].prod(-2), Draw.normal(2, 4, 3))
        .example("129", t -> t[0].prod(1), Draw.positive(2, 129))
        // Of values apart one is 1/8 and another -1/8.
        .example("with a zero", t -> t[0].sub(0.125).prod(0), Draw.apart(5))
        .example("with two zeros", t -> withTwoZeros(t[0]), Draw.apart(5))
        .example("of none", t -> t[0].prod(1), Draw.normal(2, 0))
        .rejects(() -> Tensor.zeros(2).prod(1), "prod: [2] has no axis 1; axes run from -1 to 0")
        .build();
  }

  private static Tensor withTwoZeros(Tensor x) {
    Tensor y = x.pow(2).sub(0.125 * 0.125).prod(0);
    return y.add(x.sum()); // or both value and gradient would be 0, with nothing to compare
  }
}
