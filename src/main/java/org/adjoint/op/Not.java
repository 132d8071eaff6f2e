package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cuda.ElementwiseVariants;
import org.adjoint.backend.cuda.Variant;

/** y = ¬x of truth values: whether x does not hold. No gradient. */
public record Not() implements Unary {
  @Override
  public Meta[] infer(Meta... in) {
    Require.mask(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double x) {
    return x == 0 ? 1 : 0;
  }

  @Override
  public List<Variant> cuda() {
    return List.of(ElementwiseVariants.strided("unary", entry(), 0, 0));
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    return OpSpec.of(new Not())
        .formula("y = ¬x")
        .gradient("none: the result is a truth value")
        .elementwise(Draw::mask)
        .rejects(
            () -> Tensor.zeros(2).not(),
            "not: F32 is not BOOL; compare it with something, as ne(0) does")
        .build();
  }
}
