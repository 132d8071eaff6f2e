package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;

/** y = x / c for a Java number c. Gradient: dx = dy / c. */
public record DivScalar(double c) implements Unary {
  @Override
  public double f(double x) {
    return x / c;
  }

  @Override
  public double[] parameters() {
    return new double[] {c};
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = (float) (x[0][at[0] + i] / c);
      }
    };
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].div(c)};
  }

  static OpSpec spec() {
    return OpSpec.of(new DivScalar(3))
        .formula("y = x / c")
        .gradient("dx = dy / c")
        .elementwise(Draw::normal)
        .rejects(
            () -> new DivScalar(3).apply(Tensor.of(1L)),
            "div_scalar: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
