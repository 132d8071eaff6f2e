package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/**
 * y = ln(1 + x), exact for x near 0 too, where 1 + x would lose it. Gradient: dx = dy / (1 + x).
 */
public record Log1p() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.log1p(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().log1p(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].div(saved.input(0).add(1))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Log1p())
        .gpuUlps(2)
        .formula("y = ln(1 + x)")
        .gradient("dx = dy / (1 + x)")
        .ulps(1)
        .elementwise(Draw::unit)
        .rejects(
            () -> new Log1p().apply(Tensor.of(1L)),
            "log1p: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
