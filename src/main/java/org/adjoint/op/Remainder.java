package org.adjoint.op;

import static org.adjoint.op.Draw.apart;
import static org.adjoint.op.Draw.positive;

import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/**
 * y = a − b ⌊a / b⌋: what is left of a when whole b's are taken, with the sign of b, as in PyTorch
 * and Python. NaN for b = 0 (0 in integers), and for an infinite a. Gradient: da = dy, db = −dy ⊙
 * ⌊a / b⌋, as if it did not jump.
 */
public record Remainder() implements Binary {
  /** What is left of each element of a when whole b's are taken, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Remainder(), a, b);
  }

  @Override
  public double f(double a, double b) {
    double rest = a % b; // exact, with the sign of a
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1).andOutputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    if (!saved.needs(1)) {
      return new Tensor[] {dy[0], null};
    }
    // A quotient that is whole but for rounding; without it, and flat.
    Tensor whole = new Round().apply(saved.input(0).sub(saved.output(0)).div(saved.input(1)));
    return new Tensor[] {dy[0], dy[0].mul(whole).neg()};
  }

  static OpSpec spec() {
    return OpSpec.of(new Remainder())
        .formula("y = a − b ⌊a / b⌋")
        .gradient("da = dy, db = −dy ⊙ ⌊a / b⌋")
        .example(new Remainder(), apart(3), positive(3))
        .example(new Remainder(), apart(), positive())
        .example(new Remainder(), apart(2, 0), positive(2, 0))
        .example("long", t -> of(t[0], t[1].mul(64)), apart(127), positive(127))
        .example("several", t -> of(t[0].add(7), t[1].add(3)), apart(2, 2), apart(2))
        .example("of negative", t -> of(t[0].sub(7), t[1].add(3)), apart(4), apart(2, 1))
        .example("by negative", t -> of(t[0].add(7), t[1].sub(3)), apart(3), apart(3))
        .large(new Remainder(), apart(130), apart(130)) // some without a rest
        .rejects(
            () -> Remainder.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "remainder: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and"
                + " neither is 1")
        .rejects(
            () -> Remainder.of(Tensor.zeros(1), Tensor.of(1L)),
            "remainder: dtypes F32 and I64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Remainder.of(Tensor.of(Shape.of(1), true), Tensor.of(Shape.of(1), true)),
            "remainder: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
