package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.SoftmaxKernels;
import org.adjoint.backend.cuda.SoftmaxVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * y = exp(x − max) / Σ exp(x − max) along {@code axis}. Gradient: dx = y ⊙ (dy − Σ dy ⊙ y).
 *
 * <p>Subtracting the maximum changes nothing but keeps exp from overflowing.
 */
public record Softmax(int axis) implements Op {
  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    in[0].shape().axis(name(), axis);
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] y = out[0].data();
    int outer = (int) in[0].shape().countBefore(axis);
    int size = in[0].size(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int start = o * size * inner + i;
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < size; k++) {
          max = Math.max(max, x[start + k * inner]);
        }
        double sum = 0;
        for (int k = 0; k < size; k++) {
          double e = StrictMath.exp(x[start + k * inner] - max);
          y[start + k * inner] = e;
          sum += e;
        }
        for (int k = 0; k < size; k++) {
          y[start + k * inner] /= sum;
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    return SoftmaxKernels.softmax(in[0], out[0], axis);
  }

  @Override
  public List<Variant> cuda() {
    return SoftmaxVariants.forward("softmax", axis);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 5.0 * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.outputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor y = saved.output(0);
    return new Tensor[] {new Grad(axis).apply(y, dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new Softmax(0))
        .formula("y = exp(x − max) / Σ exp(x − max) along the axis")
        .gradient("dx = y ⊙ (dy − Σ dy ⊙ y)")
        .ulps(6)
        .gpuUlps(8)
        .gpuSums(in -> OpSpec.longest(in[0]))
        .example(new Softmax(0), Draw.normal(5))
        .example(new Softmax(1), Draw.normal(3, 4))
        .example(new Softmax(0), Draw.normal(3, 4))
        .example(new Softmax(-2), Draw.normal(2, 3, 4))
        .example(new Softmax(1), Draw.normal(2, 1))
        .example(new Softmax(1), Draw.normal(2, 0))
        .example(new Softmax(0), Draw.normal(127))
        .example(new Softmax(1), Draw.normal(2, 129))
        .rows(new Softmax(1), Draw::normal)
        .large("far below 0", t -> t[0].sub(1000).softmax(1), Draw.normal(3, 129))
        .rejects(
            () -> Tensor.zeros(2, 3).softmax(2),
            "softmax: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(() -> Tensor.zeros().softmax(0), "softmax: [] has no axis 0; it is a scalar")
        .rejects(
            () -> Tensor.of(1L, 2L).softmax(0),
            "softmax: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * dx = y ⊙ (dy − Σ dy ⊙ y) along {@code axis}, of y and dy: the gradient of {@link Softmax}. Its
   * own is, in dy, the same of g; in y, g ⊙ (dy − Σ dy ⊙ y) − dy ⊙ Σ g ⊙ y.
   */
  public record Grad(int axis) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      Require.same(this, in);
      Require.floating(this, in[0]);
      in[0].shape().axis(name(), axis);
      return new Meta[] {in[0]};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] y = in[0].data();
      double[] dy = in[1].data();
      double[] dx = out[0].data();
      int outer = (int) in[0].shape().countBefore(axis);
      int size = in[0].size(axis);
      int inner = (int) in[0].shape().countAfter(axis);
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < inner; i++) {
          int start = o * size * inner + i;
          double dot = 0;
          for (int k = 0; k < size; k++) {
            int at = start + k * inner;
            dot += dy[at] * y[at];
          }
          for (int k = 0; k < size; k++) {
            int at = start + k * inner;
            dx[at] = y[at] * (dy[at] - dot);
          }
        }
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      return SoftmaxKernels.softmaxGrad(in[0], in[1], out[0], axis);
    }

    @Override
    public List<Variant> cuda() {
      return SoftmaxVariants.gradient(axis);
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return 4.0 * in[0].shape().count();
    }

    @Override
    public Keep keep() {
      return Keep.inputs(0, 1);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... g) {
      Tensor y = saved.input(0);
      Tensor dy = saved.input(1);
      Tensor toY = null;
      if (saved.needs(0)) {
        Tensor dot = dy.mul(y).sumKeepDims(axis);
        toY = g[0].mul(dy.sub(dot)).sub(dy.mul(g[0].mul(y).sumKeepDims(axis)));
      }
      return new Tensor[] {toY, saved.needs(1) ? new Grad(axis).apply(y, g[0]) : null};
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad(0))
          .formula("dx = y ⊙ (dy − Σ dy ⊙ y) along the axis")
          .gradient("to dy: y ⊙ (g − Σ g ⊙ y); to y: g ⊙ (dy − Σ dy ⊙ y) − dy ⊙ Σ g ⊙ y")
          .ulpsOfLargest(4)
          .gpuSums(in -> OpSpec.longest(in[0]))
          .example(new Grad(0), Draw.normal(5), Draw.normal(5))
          .example(new Grad(1), Draw.normal(3, 4), Draw.normal(3, 4))
          .example(new Grad(-2), Draw.normal(2, 3, 4), Draw.normal(2, 3, 4))
          .example(new Grad(1), Draw.normal(2, 1), Draw.normal(2, 1))
          .example(new Grad(1), Draw.normal(2, 0), Draw.normal(2, 0))
          .example(new Grad(1), Draw.normal(2, 129), Draw.normal(2, 129))
          .rows(new Grad(1), Draw::normal, Draw::normal)
          .rejects(
              () -> new Grad(2).apply(Tensor.zeros(2, 3), Tensor.zeros(2, 3)),
              "softmax.grad: [2, 3] has no axis 2; axes run from -2 to 1")
          .rejects(
              () -> new Grad(0).apply(Tensor.zeros(2), Tensor.zeros(3)),
              "softmax.grad: shapes [2] and [3] differ")
          .build();
    }
  }
}
