package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = tan x, x in radians. Gradient: dx = dy ⊙ (1 + y²). */
public record Tan() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.tan(x);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor y = saved.output(0);
    return new Tensor[] {dy[0].mul(y.mul(y).add(1))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Tan())
        .gpuUlps(4)
        .formula("y = tan x")
        .gradient("dx = dy ⊙ (1 + y²)")
        .elementwise(Draw::unit)
        .rejects(
            () -> new Tan().apply(Tensor.of(1L)),
            "tan: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
