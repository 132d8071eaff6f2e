package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;
import org.jspecify.annotations.Nullable;

/** y = xᵖ for a Java number p. Gradient: dx = dy ⊙ p·xᵖ⁻¹, which is 0 everywhere for p = 0. */
public record Pow(double p) implements Unary {
  @Override
  public double f(double x) {
    return p == 2 ? x * x : StrictMath.pow(x, p);
  }

  @Override
  public double[] parameters() {
    return new double[] {p};
  }

  @Override
  public @Nullable Lanes lanes() {
    return p == 2
        ? (x, at, y, yAt, n) -> Simd.best().mul(x[0], at[0], x[0], at[0], y, yAt, n)
        : p == -1 ? Pow::inverse : null;
  }

  private static void inverse(float[][] x, int[] at, float[] y, int yAt, int n) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = 1 / x[0][at[0] + i];
    }
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    if (p == 0) {
      return new Tensor[] {null};
    }
    Tensor x = saved.input(0);
    // x¹ and 2x are spelled out: they are exact, and finite at 0 and below.
    Tensor slope = p == 1 ? null : p == 2 ? x.mul(2) : x.pow(p - 1).mul(p);
    return new Tensor[] {slope == null ? dy[0] : dy[0].mul(slope)};
  }

  static OpSpec spec() {
    return OpSpec.of(new Pow(2))
        .gpuUlps(8)
        .formula("y = xᵖ")
        .gradient("dx = dy ⊙ p·xᵖ⁻¹")
        .elementwise(Draw::normal)
        .example(new Pow(3), Draw.normal(5))
        .example(new Pow(1), Draw.normal(5))
        .example(new Pow(0), Draw.normal(5))
        .example(new Pow(-1), Draw.positive(5))
        .example(new Pow(0.5), Draw.positive(5))
        .example(new Pow(2.5), Draw.positive(5))
        .rejects(
            () -> new Pow(2).apply(Tensor.of(1L)),
            "pow: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
