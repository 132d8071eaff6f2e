package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;

/** y = x without its fraction: rounded towards 0, which keeps its sign. Gradient: 0. */
public record Trunc() implements Unary {
  @Override
  public double f(double x) {
    return x < 0 ? StrictMath.ceil(x) : StrictMath.floor(x);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Trunc())
        .formula("y = x without its fraction")
        .gradient("0")
        .elementwise(Draw::between)
        .rejects(
            () -> new Trunc().apply(Tensor.of(1L)),
            "trunc: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
