package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/**
 * y = eˣ − 1, exact for x near 0 too, where the difference would cancel. Gradient: dx = dy ⊙ (y +
 * 1).
 */
public record Expm1() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.expm1(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().expm1(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(saved.output(0).add(1))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Expm1())
        .gpuUlps(2)
        .formula("y = eˣ − 1")
        .gradient("dx = dy ⊙ (y + 1)")
        .ulps(2)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Expm1().apply(Tensor.of(1L)),
            "expm1: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
