package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/** y = arccos x from 0 to π; NaN where |x| &gt; 1. Gradient: dx = −dy / √(1 − x²). */
public record Acos() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.acos(x);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].div(Asin.rootOfRest(saved.input(0))).neg()};
  }

  static OpSpec spec() {
    return OpSpec.of(new Acos())
        .gpuUlps(2)
        .formula("y = arccos x")
        .gradient("dx = −dy / √(1 − x²)")
        .elementwise(Draw::unit)
        .rejects(
            () -> new Acos().apply(Tensor.of(1L)),
            "acos: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
