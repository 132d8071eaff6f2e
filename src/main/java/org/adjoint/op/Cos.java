package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = cos x, x in radians. Gradient: dx = −dy ⊙ sin x. */
public record Cos() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.cos(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(saved.input(0).sin()).neg()};
  }

  static OpSpec spec() {
    return OpSpec.of(new Cos())
        .gpuUlps(2)
        .formula("y = cos x")
        .gradient("dx = −dy ⊙ sin x")
        .elementwise(Draw::normal)
        .rejects(
            () -> new Cos().apply(Tensor.of(1L)),
            "cos: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
