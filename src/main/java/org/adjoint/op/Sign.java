package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;

/** y = −1, 0 or 1, as x is below, at or above 0; NaN stays NaN. Gradient: 0, as y is flat. */
public record Sign() implements Unary {
  @Override
  public Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double x) {
    return Math.signum(x);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sign())
        .formula("y = −1, 0 or 1 as x is below, at or above 0")
        .gradient("0")
        .elementwise(Draw::apart)
        .rejects(
            () -> new Sign().apply(Tensor.of(Shape.of(1), true)),
            "sign: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
