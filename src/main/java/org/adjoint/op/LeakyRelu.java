package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = x where x &gt; 0, else slope · x (Maas, Hannun and Ng, Rectifier nonlinearities improve
 * neural network acoustic models, 2013). At 0 the gradient is that of the left side. A composition.
 */
public final class LeakyRelu {
  private LeakyRelu() {}

  /** x where it is above 0, else slope · x; 0.01 is the usual slope. */
  public static Tensor of(Tensor x, double slope) {
    Require.floating("leaky_relu", x.meta());
    return Where.of(x.gt(0), x, x.mul(slope));
  }

  static OpSpec spec() {
    return OpSpec.composition("leaky_relu")
        .formula("y = x where x > 0, else slope · x")
        .gradient("dx = dy where x > 0, else slope · dy")
        .example("leaky_relu", t -> LeakyRelu.of(t[0], 0.125), Draw.apart())
        .example("leaky_relu", t -> LeakyRelu.of(t[0], 0.125), Draw.apart(0))
        .example("leaky_relu", t -> LeakyRelu.of(t[0], 0.125), Draw.apart(129))
        .example("leaky_relu", t -> LeakyRelu.of(t[0], 0.125), Draw.apart(2, 3, 4))
        .rejects(
            () -> LeakyRelu.of(Tensor.of(1L), 0.01),
            "leaky_relu: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
