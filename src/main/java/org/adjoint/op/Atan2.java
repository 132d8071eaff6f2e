package org.adjoint.op;

import static org.adjoint.op.Draw.apart;
import static org.adjoint.op.Draw.between;

import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/**
 * y = the angle from −π to π of the point (b, a), which is arctan(a / b) where b &gt; 0. Gradient:
 * da = dy ⊙ b / (a² + b²), db = −dy ⊙ a / (a² + b²).
 */
public record Atan2() implements Binary {
  /** The angle of the point (b, a), element by element, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Atan2(), a, b);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.same(this, in);
    Require.floating(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double a, double b) {
    return StrictMath.atan2(a, b);
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor a = saved.input(0);
    Tensor b = saved.input(1);
    Tensor perSquare = dy[0].div(a.mul(a).add(b.mul(b)));
    return new Tensor[] {
      saved.needs(0) ? perSquare.mul(b) : null, saved.needs(1) ? perSquare.mul(a).neg() : null
    };
  }

  static OpSpec spec() {
    return OpSpec.of(new Atan2())
        .gpuUlps(3)
        .formula("y = the angle of the point (b, a)")
        .gradient("da = dy ⊙ b / (a² + b²), db = −dy ⊙ a / (a² + b²)")
        .elementwise(Draw::apart, Draw::between)
        .example("broadcast", t -> Atan2.of(t[0], t[1]), apart(2, 3), between(3))
        .rejects(
            () -> Atan2.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "atan2: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> Atan2.of(Tensor.zeros(3), Tensor.zeros(3).to(DType.F64)),
            "atan2: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Atan2.of(Tensor.of(1L), Tensor.of(2L)),
            "atan2: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
