package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = (eˣ − e⁻ˣ) / 2, without the cancellation near 0. Gradient: dx = dy ⊙ cosh x. */
public record Sinh() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.sinh(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(new Cosh().apply(saved.input(0)))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sinh())
        .gpuUlps(3)
        .formula("y = (eˣ − e⁻ˣ) / 2")
        .gradient("dx = dy ⊙ cosh x")
        .elementwise(Draw::normal)
        .rejects(
            () -> new Sinh().apply(Tensor.of(1L)),
            "sinh: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
