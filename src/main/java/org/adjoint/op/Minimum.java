package org.adjoint.op;

import static org.adjoint.op.Draw.apart;
import static org.adjoint.op.Draw.between;

import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/**
 * y = the smaller of a and b; NaN if one of them is. Gradient: dy to the smaller, half to each of
 * equals, as in PyTorch.
 */
public record Minimum() implements Binary {
  /** The smaller of each two elements, with broadcasting. */
  public static Tensor of(Tensor a, Tensor b) {
    return Binary.broadcast(new Minimum(), a, b);
  }

  @Override
  public double f(double a, double b) {
    return Math.min(a, b);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = Math.min(x[0][at[0] + i], x[1][at[1] + i]);
      }
    };
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0, 1);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor a = saved.input(0);
    Tensor b = saved.input(1);
    return new Tensor[] {Maximum.share(b, a, dy[0]), Maximum.share(a, b, dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new Minimum())
        .formula("y = min(a, b)")
        .gradient("da = dy where a < b, dy / 2 where a = b, else 0; db likewise")
        .elementwise(Draw::apart, Draw::between)
        .example("broadcast", t -> Minimum.of(t[0], t[1]), apart(2, 3), between(3))
        .example("broadcast", t -> Minimum.of(t[0], t[1]), between(), apart(2, 129))
        .rejects(
            () -> Minimum.of(Tensor.zeros(2, 3), Tensor.zeros(4)),
            "minimum: [2, 3] and [4] do not broadcast: sizes 3 and 4 at axis -1 differ and neither"
                + " is 1")
        .rejects(
            () -> Minimum.of(Tensor.zeros(3), Tensor.zeros(3).to(DType.F64)),
            "minimum: dtypes F32 and F64 differ; convert one with to(DType.F32)")
        .rejects(
            () -> Minimum.of(Tensor.of(Shape.of(1), true), Tensor.of(Shape.of(1), true)),
            "minimum: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
