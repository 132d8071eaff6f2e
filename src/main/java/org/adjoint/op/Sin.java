package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = sin x, x in radians. Gradient: dx = dy ⊙ cos x. */
public record Sin() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.sin(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(saved.input(0).cos())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sin())
        .gpuUlps(2)
        .formula("y = sin x")
        .gradient("dx = dy ⊙ cos x")
        .elementwise(Draw::normal)
        .rejects(
            () -> new Sin().apply(Tensor.of(1L)),
            "sin: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
