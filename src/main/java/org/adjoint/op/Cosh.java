package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = (eˣ + e⁻ˣ) / 2. Gradient: dx = dy ⊙ sinh x. */
public record Cosh() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.cosh(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(new Sinh().apply(saved.input(0)))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Cosh())
        .gpuUlps(2)
        .formula("y = (eˣ + e⁻ˣ) / 2")
        .gradient("dx = dy ⊙ sinh x")
        .elementwise(Draw::normal)
        .rejects(
            () -> new Cosh().apply(Tensor.of(1L)),
            "cosh: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
