package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;

/**
 * y = x, but {@code min} where x is below it and {@code max} where x is above; NaN stays NaN. An
 * infinite bound bounds nothing. Gradient: dx = dy where min ≤ x ≤ max, else 0; so dy at the
 * corners, as in PyTorch.
 */
public record Clamp(double min, double max) implements Unary {
  /** Refuses bounds with nothing between them. */
  public Clamp {
    if (!(min <= max)) {
      throw new IllegalArgumentException("clamp: no number lies from " + min + " to " + max);
    }
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.scalarFits(this, in[0], min);
    Require.scalarFits(this, in[0], max);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double x) {
    return Math.min(Math.max(x, min), max);
  }

  @Override
  public double[] parameters() {
    return new double[] {min, max};
  }

  @Override
  public Lanes lanes() {
    float lower = (float) min;
    float upper = (float) max;
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = Math.min(Math.max(x[0][at[0] + i], lower), upper);
      }
    };
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor x = saved.input(0);
    return new Tensor[] {Where.of(x.ge(min).and(x.le(max)), dy[0], 0)};
  }

  static OpSpec spec() {
    return OpSpec.of(new Clamp(-0.3, 1.3))
        .formula("y = min(max(x, lower), upper)")
        .gradient("dx = dy where lower ≤ x ≤ upper, else 0")
        .elementwise(Draw::apart)
        .example(new Clamp(0.05, Double.POSITIVE_INFINITY), Draw.apart(5))
        .example(new Clamp(2, 2), Draw.apart(5))
        .rejects(() -> Tensor.zeros(2).clamp(1, -1), "clamp: no number lies from 1.0 to -1.0")
        .rejects(
            () -> Tensor.zeros(2).clamp(0, Double.NaN), "clamp: no number lies from 0.0 to NaN")
        .rejects(
            () -> Tensor.of(1L).clamp(0.5, 2),
            "clamp: 0.5 is not whole, and the tensor is I64; convert it with to(DType.F32)")
        .rejects(
            () -> Tensor.of(Shape.of(1), true).clamp(0, 1),
            "clamp: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
