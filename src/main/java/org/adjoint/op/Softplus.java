package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/**
 * y = ln(1 + e^βx) / β: a ReLU with its corner rounded, the rounder the smaller β. Gradient: dx =
 * dy ⊙ sigmoid(βx).
 *
 * <p>It is computed as max(x, 0) + ln(1 + e^−|βx|) / β, in which nothing overflows.
 *
 * @param beta above 0
 */
public record Softplus(double beta) implements Unary {
  /** Refuses a beta that is not above 0. */
  public Softplus {
    if (!(beta > 0 && beta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "softplus: beta is " + beta + "; it must be finite and above 0");
    }
  }

  @Override
  public double f(double x) {
    return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(beta * x))) / beta;
  }

  @Override
  public double[] parameters() {
    return new double[] {beta};
  }

  @Override
  public Lanes lanes() {
    float b = (float) beta;
    return (x, at, y, yAt, n) -> SimdMath.best().softplus(b, x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(saved.input(0).mul(beta).sigmoid())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Softplus(1))
        .gpuUlps(6)
        .formula("y = ln(1 + exp(βx)) / β")
        .gradient("dx = dy ⊙ sigmoid(βx)")
        .ulps(4)
        .elementwise(Draw::normal)
        .example(new Softplus(3), Draw.normal(5))
        .rejects(
            () -> new Softplus(1).apply(Tensor.of(1L)),
            "softplus: I64 is not floating; convert it with to(DType.F32)")
        .rejects(() -> new Softplus(0), "softplus: beta is 0.0; it must be finite and above 0")
        .build();
  }
}
