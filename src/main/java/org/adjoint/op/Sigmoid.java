package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.backend.cpu.SimdMath;

/** y = 1 / (1 + e⁻ˣ). Gradient: dx = dy ⊙ y ⊙ (1 − y). */
public record Sigmoid() implements Unary {
  @Override
  public double f(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  @Override
  public Lanes lanes() {
    return (x, at, y, yAt, n) -> SimdMath.best().sigmoid(x[0], at[0], y, yAt, n);
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
    return OpSpec.of(new Sigmoid())
        .gpuUlps(4)
        .formula("y = 1 / (1 + e⁻ˣ)")
        .gradient("dx = dy ⊙ y ⊙ (1 − y)")
        .ulps(2)
        .elementwise(Draw::normal)
        .rejects(
            () -> new Sigmoid().apply(Tensor.of(1L)),
            "sigmoid: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /** dx = dy ⊙ y ⊙ (1 − y): the gradient of {@link Sigmoid}. */
  public record Grad() implements Binary {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in);
      Require.floating(this, in[0]);
      return new Meta[] {in[0]};
    }

    @Override
    public double f(double y, double dy) {
      return dy * (y * (1 - y));
    }

    @Override
    public Lanes lanes() {
      return Grad::lanes;
    }

    private static void lanes(float[][] in, int[] at, float[] dx, int dxAt, int n) {
      Simd simd = Simd.best();
      simd.scale(-1, in[0], at[0], dx, dxAt, n);
      simd.addScalar(1, dx, dxAt, dx, dxAt, n);
      simd.mul(in[0], at[0], dx, dxAt, dx, dxAt, n);
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
        saved.needs(0) ? g[0].mul(saved.input(1)).mul(y.mul(-2).add(1)) : null,
        saved.needs(1) ? new Grad().apply(y, g[0]) : null
      };
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad())
          .formula("dx = dy ⊙ y ⊙ (1 − y)")
          .gradient("to dy: g ⊙ y ⊙ (1 − y); to y: g ⊙ dy ⊙ (1 − 2y)")
          .ulpsOfLargest(2)
          .elementwise(Draw::normal, Draw::normal)
          .rejects(
              () -> new Grad().apply(Tensor.zeros(2), Tensor.zeros(3)),
              "sigmoid.grad: shapes [2] and [3] differ")
          .build();
    }
  }
}
