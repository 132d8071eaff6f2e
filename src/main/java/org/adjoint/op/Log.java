package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/** y = ln x. Gradient: dx = dy / x. */
public record Log() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.log(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().log(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].div(saved.input(0))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Log())
        .gpuUlps(2)
        .formula("y = ln x")
        .gradient("dx = dy / x")
        .ulps(1)
        .elementwise(Draw::positive)
        .rejects(
            () -> new Log().apply(Tensor.of(1L)),
            "log: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
