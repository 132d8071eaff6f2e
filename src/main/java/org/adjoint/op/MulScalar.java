package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/** y = c·x for a Java number c. Gradient: dx = c·dy. */
public record MulScalar(double c) implements Unary {
  @Override
  public Meta[] infer(Meta... in) {
    Require.scalarFits(this, in[0], c);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double x) {
    return c * x;
  }

  @Override
  public double[] parameters() {
    return new double[] {c};
  }

  @Override
  public Lanes lanes() {
    float narrow = (float) c;
    if (narrow == c) {
      return (x, at, y, yAt, n) -> Simd.best().scale(narrow, x[0], at[0], y, yAt, n);
    }
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = (float) (c * x[0][at[0] + i]);
      }
    };
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0].mul(c)};
  }

  static OpSpec spec() {
    return OpSpec.of(new MulScalar(-1.7))
        .formula("y = c·x")
        .gradient("dx = c·dy")
        .elementwise(Draw::normal)
        .rejects(
            () -> new MulScalar(0.5).apply(Tensor.of(1L)),
            "mul_scalar: 0.5 is not whole, and the tensor is I64; convert it with to(DType.F32)")
        .rejects(
            () -> new MulScalar(2).apply(Tensor.of(Shape.of(1), true)),
            "mul_scalar: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
