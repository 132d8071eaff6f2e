package org.adjoint.op;

import static org.adjoint.op.Draw.normal;
import static org.adjoint.op.Draw.positive;

import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/** y = a / b. Gradient: da = dy / b, db = −dy ⊙ y / b. */
public record Div() implements Binary {
  /** Quotient, element by element, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Div(), a, b);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.same(this, in);
    Require.floating(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double a, double b) {
    return a / b;
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> Simd.best().div(x[0], at[0], x[1], at[1], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(1).andOutputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor da = dy[0].div(saved.input(1));
    return new Tensor[] {da, saved.needs(1) ? da.mul(saved.output(0)).neg() : null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Div())
        .formula("y = a / b")
        .gradient("da = dy / b, db = −dy ⊙ y / b")
        .elementwise(Draw::normal, Draw::positive)
        .example("broadcast", t -> Div.of(t[0], t[1]), normal(2, 3), positive(3))
        .example("broadcast", t -> Div.of(t[0], t[1]), normal(2, 1), positive(1, 3))
        .example("broadcast", t -> Div.of(t[0], t[1]), normal(), positive(2, 129))
        .rejects(
            () -> Div.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "div: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> Div.of(Tensor.zeros(3), Tensor.zeros(3).to(DType.F64)),
            "div: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Div.of(Tensor.of(1L), Tensor.of(2L)),
            "div: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
