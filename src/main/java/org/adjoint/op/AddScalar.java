package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;

/** y = x + c for a Java number c. Gradient: dx = dy. */
public record AddScalar(double c) implements Unary {
  @Override
  public Meta[] infer(Meta... in) {
    Require.scalarFits(this, in[0], c);
    return new Meta[] {in[0]};
  }

  @Override
  public double f(double x) {
    return x + c;
  }

  @Override
  public double[] parameters() {
    return new double[] {c};
  }

  @Override
  public Lanes lanes() {
    float narrow = (float) c;
    if (narrow == c) {
      return (x, at, y, yAt, n) -> Simd.best().addScalar(narrow, x[0], at[0], y, yAt, n);
    }
    return (x, at, y, yAt, n) -> {
      for (int i = 0; i < n; i++) {
        y[yAt + i] = (float) (x[0][at[0] + i] + c);
      }
    };
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {dy[0]};
  }

  static OpSpec spec() {
    return OpSpec.of(new AddScalar(0.3))
        .formula("y = x + c")
        .gradient("dx = dy")
        .elementwise(Draw::normal)
        .rejects(
            () -> new AddScalar(0.5).apply(Tensor.of(1L)),
            "add_scalar: 0.5 is not whole, and the tensor is I64; convert it with to(DType.F32)")
        .rejects(
            () -> new AddScalar(2).apply(Tensor.of(Shape.of(1), true)),
            "add_scalar: BOOL is not a number; convert it with to(DType.F32)")
        .build();
  }
}
