package org.adjoint.op;

import java.util.List;
import java.util.Locale;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cuda.ElementwiseVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = whether x stands to the Java number c in {@code relation}, as BOOL. No gradient: a truth
 * value does not change by small steps.
 */
public record CompareScalar(Relation relation, double c) implements Unary {
  /**
   * Whether each element of x stands to c in {@code relation}. As in all arithmetic, c is rounded
   * to a floating x's dtype first: so an F32 that was made from 0.1 equals 0.1. Integers meet c as
   * it is.
   */
  public static Tensor of(Relation relation, Tensor x, double c) {
    double rounded =
        switch (x.dtype()) {
          case F32 -> (float) c;
          case BF16, F16 -> Tensor.scalar(c).to(x.dtype()).item();
          default -> c;
        };
    return new CompareScalar(relation, rounded).apply(x);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    return new Meta[] {in[0].with(DType.BOOL)};
  }

  @Override
  public double f(double x) {
    return relation.holds(x, c) ? 1 : 0;
  }

  @Override
  public String entry() {
    return "compare_scalar_" + relation.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Variant> cuda() {
    return List.of(ElementwiseVariants.strided("unary", entry(), c, 0));
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    OpSpec.Builder spec =
        OpSpec.of(new CompareScalar(Relation.GT, 0.25))
            .formula("y = whether x = c, x ≠ c, x < c, x ≤ c, x > c or x ≥ c")
            .gradient("none: the result is a truth value")
            .elementwise(Draw::apart);
    for (Relation relation : Relation.values()) {
      spec.example(new CompareScalar(relation, 0.25), Draw.apart(2, 5))
          .example("of 0.1", t -> CompareScalar.of(relation, t[0], 0.1), Draw.normal(5));
    }
    return spec.rejects(
            () -> Tensor.zeros(3).gt(0).lt(0.5),
            "compare_scalar: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
