package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = √x; NaN below 0. Gradient: dx = dy / 2y, infinite at 0. */
public record Sqrt() implements Unary {
  @Override
  public double f(double x) {
    return Math.sqrt(x); // exactly rounded by definition, as StrictMath's is
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = (float) Math.sqrt(x[0][at[0] + i]);
      }
    };
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].div(saved.output(0).mul(2))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sqrt())
        .formula("y = √x")
        .gradient("dx = dy / 2y")
        .elementwise(Draw::positive)
        .rejects(
            () -> new Sqrt().apply(Tensor.of(1L)),
            "sqrt: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
