package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = arctan x from −π/2 to π/2. Gradient: dx = dy / (1 + x²). */
public record Atan() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.atan(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor x = saved.input(0);
    return new Tensor[] {dy[0].div(x.mul(x).add(1))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Atan())
        .gpuUlps(2)
        .formula("y = arctan x")
        .gradient("dx = dy / (1 + x²)")
        .elementwise(Draw::normal)
        .rejects(
            () -> new Atan().apply(Tensor.of(1L)),
            "atan: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
