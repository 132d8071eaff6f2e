package org.adjoint.op;

import static org.adjoint.op.Draw.normal;

import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/** y = a − b. Gradient: da = dy, db = −dy. */
public record Sub() implements Binary {
  /** Difference, element by element, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Sub(), a, b);
  }

  @Override
  public double f(double a, double b) {
    return a - b;
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> Simd.best().sub(x[0], at[0], x[1], at[1], y, yAt, n);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0], saved.needs(1) ? dy[0].neg() : null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Sub())
        .formula("y = a − b")
        .gradient("da = dy, db = −dy")
        .elementwise(Draw::normal, Draw::normal)
        .example("broadcast", t -> Sub.of(t[0], t[1]), normal(2, 3), normal(3))
        .example("broadcast", t -> Sub.of(t[0], t[1]), normal(2, 1), normal(1, 3))
        .example("broadcast", t -> Sub.of(t[0], t[1]), normal(), normal(2, 129))
        .rejects(
            () -> Sub.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "sub: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> Sub.of(Tensor.zeros(3), Tensor.zeros(3).to(DType.F64)),
            "sub: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Sub.of(Tensor.zeros(3).to(DType.BOOL), Tensor.zeros(3).to(DType.BOOL)),
            "sub: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
