package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/** y = eˣ. Gradient: dx = dy ⊙ y. */
public record Exp() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.exp(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().exp(0, x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(saved.output(0))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Exp())
        .gpuUlps(2)
        .formula("y = eˣ")
        .gradient("dx = dy ⊙ y")
        .ulps(1)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Exp().apply(Tensor.of(1L)),
            "exp: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
