package org.adjoint.op;

import static org.adjoint.op.Draw.normal;

import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/** y = a ⊙ b. Gradient: da = dy ⊙ b, db = dy ⊙ a. */
public record Mul() implements Binary {
  /** Product, element by element, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Mul(), a, b);
  }

  @Override
  public double f(double a, double b) {
    return a * b;
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> Simd.best().mul(x[0], at[0], x[1], at[1], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {
      saved.needs(0) ? dy[0].mul(saved.input(1)) : null,
      saved.needs(1) ? dy[0].mul(saved.input(0)) : null
    };
  }

  static OpSpec spec() {
    return OpSpec.of(new Mul())
        .formula("y = a ⊙ b")
        .gradient("da = dy ⊙ b, db = dy ⊙ a")
        .elementwise(Draw::normal, Draw::normal)
        .example("broadcast", t -> Mul.of(t[0], t[1]), normal(2, 3), normal(3))
        .example("broadcast", t -> Mul.of(t[0], t[1]), normal(2, 1), normal(1, 3))
        .example("broadcast", t -> Mul.of(t[0], t[1]), normal(), normal(2, 129))
        .rejects(
            () -> Mul.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "mul: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> Mul.of(Tensor.zeros(3), Tensor.zeros(3).to(DType.F64)),
            "mul: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Mul.of(Tensor.zeros(3).to(DType.BOOL), Tensor.zeros(3).to(DType.BOOL)),
            "mul: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
