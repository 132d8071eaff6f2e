package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;

/**
 * y = the whole number nearest to x, the even one of two as near: 0.5 → 0, 1.5 → 2. Gradient: 0.
 */
public record Round() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.rint(x);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Round())
        .formula("y = the whole number nearest to x, of two the even one")
        .gradient("0")
        .elementwise(Draw::between)
        .rejects(
            () -> new Round().apply(Tensor.of(1L)),
            "round: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
