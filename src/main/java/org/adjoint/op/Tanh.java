package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/** y = tanh x = 2 / (1 + e⁻²ˣ) − 1. Gradient: dx = dy ⊙ (1 − y²). */
public record Tanh() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.tanh(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().tanh(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor y = saved.output(0);
    return new Tensor[] {dy[0].mul(y.mul(y).neg().add(1))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Tanh())
        .formula("y = tanh x")
        .gradient("dx = dy ⊙ (1 − y²)")
        .ulps(2)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Tanh().apply(Tensor.of(1L)),
            "tanh: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
