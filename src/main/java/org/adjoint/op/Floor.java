package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;

/** y = the largest whole number ≤ x. Gradient: 0, as y is flat between its steps. */
public record Floor() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.floor(x);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Floor())
        .formula("y = the largest whole number ≤ x")
        .gradient("0")
        .elementwise(Draw::between)
        .rejects(
            () -> new Floor().apply(Tensor.of(1L)),
            "floor: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
