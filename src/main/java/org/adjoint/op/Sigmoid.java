package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.SimdMath;

/** y = 1 / (1 + e⁻ˣ). Gradient: dx = dy ⊙ y ⊙ (1 − y). */
public record Sigmoid() implements Unary {
  @Override
  public double f(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().sigmoid(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor y = saved.output(0);
    return new Tensor[] {dy[0].mul(y.mul(y.neg().add(1)))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sigmoid())
        .formula("y = 1 / (1 + e⁻ˣ)")
        .gradient("dx = dy ⊙ y ⊙ (1 − y)")
        .ulps(2)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Sigmoid().apply(Tensor.of(1L)),
            "sigmoid: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
