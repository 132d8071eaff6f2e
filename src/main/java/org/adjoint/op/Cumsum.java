package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.CumsumVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y[k] = x[0] + … + x[k] along {@code axis}. Gradient: dx[k] = dy[k] + … + dy[n − 1], the same sum
 * from the other end.
 */
public record Cumsum(int axis) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    in[0].shape().axis(name(), axis);
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int outer = (int) in[0].shape().countBefore(axis);
    int size = in[0].size(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        double sum = 0;
        for (int k = 0; k < size; k++) {
          int at = (o * size + k) * inner + i;
          sum += in[0].data()[at];
          out[0].data()[at] = sum;
        }
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return CumsumVariants.of(axis);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].flip(axis).cumsum(axis).flip(axis)};
  }

  static OpSpec spec() {
    return OpSpec.of(new Cumsum(0))
        .formula("y[k] = x[0] + … + x[k] along the axis")
        .gradient("dx[k] = dy[k] + … + dy[n − 1]")
        .sums(in -> in[0].shape().count())
        .example(new Cumsum(0), Draw.normal(5))
        .example(new Cumsum(1), Draw.normal(2, 129))
        .example(new Cumsum(0), Draw.normal(127, 2))
        .example(new Cumsum(-2), Draw.normal(2, 3, 4))
        .example(new Cumsum(0), Draw.normal(0, 2))
        .example(new Cumsum(0), Draw.normal(1))
        .rejects(
            () -> Tensor.zeros(2, 3).cumsum(2),
            "cumsum: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(
            () -> Tensor.of(Shape.of(1), true).cumsum(0),
            "cumsum: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
