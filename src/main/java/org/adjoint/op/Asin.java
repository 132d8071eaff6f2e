package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = arcsin x from −π/2 to π/2; NaN where |x| &gt; 1. Gradient: dx = dy / √(1 − x²). */
public record Asin() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.asin(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].div(rootOfRest(saved.input(0)))};
  }

  /** √(1 − x²), as √((1 + x)(1 − x)): near −1 and 1, x² would have lost what is left of 1. */
  static Tensor rootOfRest(Tensor x) {
    return x.add(1).mul(x.neg().add(1)).sqrt();
  }

  static OpSpec spec() {
    return OpSpec.of(new Asin())
        .gpuUlps(2)
        .formula("y = arcsin x")
        .gradient("dx = dy / √(1 − x²)")
        .elementwise(Draw::unit)
        .rejects(
            () -> new Asin().apply(Tensor.of(1L)),
            "asin: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
