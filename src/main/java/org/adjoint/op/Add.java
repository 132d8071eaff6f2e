package org.adjoint.op;

import static org.adjoint.op.Draw.normal;

import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/** y = a + b. Gradient: da = dy, db = dy. */
public record Add() implements Binary {
  /** Sum, element by element, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Add(), a, b);
  }

  @Override
  public double f(double a, double b) {
    return a + b;
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> Simd.best().add(x[0], at[0], x[1], at[1], y, yAt, n);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0], dy[0]};
  }

  static OpSpec spec() {
    return OpSpec.of(new Add())
        .formula("y = a + b")
        .gradient("da = dy, db = dy")
        .elementwise(Draw::normal, Draw::normal)
        .example("broadcast", t -> Add.of(t[0], t[1]), normal(2, 3), normal(3))
        .example("broadcast", t -> Add.of(t[0], t[1]), normal(2, 1), normal(1, 3))
        .example("broadcast", t -> Add.of(t[0], t[1]), normal(), normal(2, 129))
        .rejects(
            () -> Add.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "add: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> Add.of(Tensor.zeros(3), Tensor.zeros(3).to(DType.F64)),
            "add: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Add.of(Tensor.zeros(3).to(DType.BOOL), Tensor.zeros(3).to(DType.BOOL)),
            "add: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
