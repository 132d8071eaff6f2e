package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;

/** y = c·x for a Java number c.  Gradient: dx = c·dy. */
public record MulScalar(double c) implements Unary {
  @Override
  public double f(double x) {
    return c * x;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(c)};
  }

  static OpSpec spec() {
    return OpSpec.of(new MulScalar(-1.7))
        .formula("y = c·x")
        .gradient("dx = c·dy")
        .elementwise(Draw::normal)
        .rejects(
            () -> new MulScalar(-1.7).apply(Tensor.of(1L)),
            "mul_scalar: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
