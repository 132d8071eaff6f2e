package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/**
 * y = 1 − erf x, exact for large x too, where the difference would cancel; see {@link Erf}.
 * Gradient: dx = −dy ⊙ 2/√π e^(−x²).
 */
public record Erfc() implements Unary {
  @Override
  public double f(double x) {
    return Erf.erfc(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().erfc(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(Erf.slope(saved.input(0))).neg()};
  }

  static OpSpec spec() {
    return OpSpec.of(new Erfc())
        .gpuUlps(5)
        .formula("y = 1 − erf x")
        .gradient("dx = −dy ⊙ 2/√π exp(−x²)")
        .ulps(3)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Erfc().apply(Tensor.of(1L)),
            "erfc: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
