package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * y = x where x &gt; 0, else w · x, with a slope w that is learned, one for all channels or one for
 * each (He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015). A composition.
 */
public final class PRelu {
  private PRelu() {}

  /**
   * x where it is above 0, else w · x.
   *
   * @param x [N, C, …]; channels lie along axis 1
   * @param weight [C], or [1] for one slope, which suits any x
   */
  public static Tensor of(Tensor x, Tensor weight) {
    Require.floating("prelu", x.meta());
    boolean one = weight.shape().equals(Shape.of(1));
    if (!one && (x.rank() < 2 || !weight.shape().equals(Shape.of(x.size(1))))) {
      throw new IllegalArgumentException(
          "prelu: a weight of "
              + weight.shape()
              + " does not fit "
              + x.shape()
              + "; it must be [1], or [C] for an x of [N, C, …]");
    }
    Tensor slope = one ? weight.squeeze(0) : weight;
    for (int axis = 2; !one && axis < x.rank(); axis++) {
      slope = slope.unsqueeze(-1);
    }
    return Where.of(x.gt(0), x, x.mul(slope.expand(x.shape())));
  }

  static OpSpec spec() {
    return OpSpec.composition("prelu")
        .formula("y = x where x > 0, else w x")
        .gradient("dx = dy where x > 0, else w dy; dw = Σ dy ⊙ x over x ≤ 0")
        .example("one", t -> PRelu.of(t[0], t[1]), Draw.apart(5), Draw.normal(1))
        .example("one", t -> PRelu.of(t[0], t[1]), Draw.apart(0), Draw.normal(1))
        .example("one", t -> PRelu.of(t[0], t[1]), Draw.apart(), Draw.normal(1))
        .example("one", t -> PRelu.of(t[0], t[1]), Draw.apart(2, 3), Draw.normal(1))
        .example("each", t -> PRelu.of(t[0], t[1]), Draw.apart(2, 3), Draw.normal(3))
        .example("each", t -> PRelu.of(t[0], t[1]), Draw.apart(2, 3, 43), Draw.normal(3))
        .example("each", t -> PRelu.of(t[0], t[1]), Draw.apart(1, 2, 3, 4), Draw.normal(2))
        .rejects(
            () -> PRelu.of(Tensor.zeros(2, 3), Tensor.zeros(2)),
            "prelu: a weight of [2] does not fit [2, 3]; it must be [1], or [C] for an x of [N, C,"
                + " …]")
        .rejects(
            () -> PRelu.of(Tensor.of(1L), Tensor.zeros(1)),
            "prelu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
