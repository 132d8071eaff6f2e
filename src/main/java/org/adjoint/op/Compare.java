package org.adjoint.op;

import static org.adjoint.op.Draw.apart;
import static org.adjoint.op.Draw.normal;

import java.util.List;
import java.util.Locale;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cuda.ElementwiseVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = whether a stands to b in {@code relation}, as BOOL; a and b have one dtype, whichever. No
 * gradient: a truth value does not change by small steps. Integers are compared as doubles, so
 * beyond 2⁵³ neighbours are equal.
 */
public record Compare(Relation relation) implements Binary {
  /** Whether each element of a stands to that of b in {@code relation}, with broadcasting. */
  public static Tensor of(Relation relation, Tensor a, Tensor b) {
    return Binary.broadcast(new Compare(relation), a, b);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.same(this, in);
    return new Meta[] {in[0].with(DType.BOOL)};
  }

  @Override
  public double f(double a, double b) {
    return relation.holds(a, b) ? 1 : 0;
  }

  @Override
  public String entry() {
    return "compare_" + relation.name().toLowerCase(Locale.ROOT);
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
    OpSpec.Builder spec =
        OpSpec.of(new Compare(Relation.LT))
            .formula("y = whether a = b, a ≠ b, a < b, a ≤ b, a > b or a ≥ b")
            .gradient("none: the result is a truth value")
            .elementwise(Draw::normal, Draw::normal);
    for (Relation relation : Relation.values()) {
      // Few values in many places: some pairs are equal.
      spec.example(new Compare(relation), apart(5), apart(5))
          .example("few", t -> Compare.of(relation, t[0], t[1]), apart(2, 1), apart(129));
    }
    return spec.example("broadcast", t -> t[0].ge(t[1]), normal(2, 3), normal(3))
        .rejects(
            () -> Tensor.zeros(2, 3).lt(Tensor.zeros(4)),
            "compare: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither"
                + " is 1")
        .rejects(
            () -> Tensor.zeros(3).eq(Tensor.of(1L, 2L, 3L)),
            "compare: dtypes F32 and I64 differ; convert one with to(DType.F32)")
        .build();
  }
}
