package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = |x|. Gradient: dx = dy ⊙ sign x, so 0 at the kink. */
public record Abs() implements Unary {
  @Override
  public Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double x) {
    return Math.abs(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = Math.abs(x[0][at[0] + i]);
      }
    };
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(saved.input(0).sign())};
  }

  static OpSpec spec() {
    return OpSpec.of(new Abs())
        .formula("y = |x|")
        .gradient("dx = dy ⊙ sign x")
        .elementwise(Draw::apart)
        .rejects(
            () -> new Abs().apply(Tensor.of(Shape.of(1), true)),
            "abs: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
