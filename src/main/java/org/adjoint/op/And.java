package org.adjoint.op;

import static org.adjoint.op.Draw.mask;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cuda.ElementwiseVariants;
import org.adjoint.backend.cuda.Variant;

/** y = a ∧ b of truth values: whether both hold. No gradient. */
public record And() implements Binary {
  /** Whether both hold, element by element, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new And(), a, b);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Require.mask(this, in[0]);
    Require.mask(this, in[1]);
    Require.same(this, in);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double a, double b) {
    return a != 0 && b != 0 ? 1 : 0;
  }

  @Override
  public List<Variant> cuda() {
    return List.of(ElementwiseVariants.strided("binary", entry(), 0, 0));
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null, null};
  }

  static OpSpec spec() {
    return OpSpec.of(new And())
        .formula("y = a ∧ b")
        .gradient("none: the result is a truth value")
        .elementwise(Draw::mask, Draw::mask)
        .example("broadcast", t -> And.of(t[0], t[1]), mask(2, 3), mask(3))
        .rejects(
            () -> And.of(Tensor.zeros(2, 3).gt(0), Tensor.zeros(4).gt(0)),
            "and: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither is"
                + " 1")
        .rejects(
            () -> And.of(Tensor.zeros(2).gt(0), Tensor.zeros(2)),
            "and: F32 is not BOOL; compare it with something, as ne(0) does")
        .build();
  }
}
