package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.backend.cpu.SimdMath;

/** y = tanh x = 2 / (1 + e⁻²ˣ) − 1. Gradient: dx = dy ⊙ (1 − y²). */
public record Tanh() implements Unary {
  @Override
  public double f(double x) {
    return StrictMath.tanh(x);
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().tanh(x[0], at[0], y, yAt, n);
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {new Grad().apply(saved.output(0), dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new Tanh())
        .gpuUlps(2)
        .formula("y = tanh x")
        .gradient("dx = dy ⊙ (1 − y²)")
        .ulps(2)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Tanh().apply(Tensor.of(1L)),
            "tanh: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /** dx = dy ⊙ (1 − y²): the gradient of {@link Tanh}. */
  public record Grad() implements Binary {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in);
      Require.floating(this, in[0]);
      return new Meta[] {in[0]};
    }

    @Override
    public double f(double y, double dy) {
      return dy * (1 - y * y);
    }

    @Override
    public Lanes lanes() {
      return Grad::lanes;
    }

    private static void lanes(float[][] in, int[] at, float[] dx, int dxAt, int n) {
      Simd simd = Simd.best();
      simd.mul(in[0], at[0], in[0], at[0], dx, dxAt, n);
      simd.scale(-1, dx, dxAt, dx, dxAt, n);
      simd.addScalar(1, dx, dxAt, dx, dxAt, n);
      simd.mul(in[1], at[1], dx, dxAt, dx, dxAt, n);
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor y = saved.input(0);
      return new Tensor[] {
        saved.needs(0) ? g[0].mul(saved.input(1)).mul(y).mul(-2) : null,
        saved.needs(1) ? new Grad().apply(y, g[0]) : null
      };
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad())
          .formula("dx = dy ⊙ (1 − y²)")
          .gradient("to dy: g ⊙ (1 − y²); to y: −2 g ⊙ dy ⊙ y")
          .ulpsOfLargest(2)
          .elementwise(Draw::normal, Draw::normal)
          .rejects(
              () -> new Grad().apply(Tensor.zeros(2), Tensor.zeros(3)),
              "tanh.grad: shapes [2] and [3] differ")
          .build();
    }
  }
}
