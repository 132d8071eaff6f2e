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
 * y = (x − max) − ln Σ exp(x − max) along {@code axis}. Gradient: dx = dy − exp(y) ⊙ Σ dy.
 *
 * <p>The logarithm of {@link Softmax}, but finite where that has rounded to 0.
 */
public record LogSoftmax(int axis) implements Op {
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
          sum += StrictMath.exp(x[start + k * inner] - max);
        }
        double log = StrictMath.log(sum);
        for (int k = 0; k < size; k++) {
          y[start + k * inner] = x[start + k * inner] - max - log;
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    return SoftmaxKernels.logSoftmax(in[0], out[0], axis);
  }

  @Override
  public List<Variant> cuda() {
    return SoftmaxVariants.forward("log_softmax", axis);
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
    return new Tensor[] {new Grad(axis).apply(saved.output(0), dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new LogSoftmax(0))
        .formula("y = (x − max) − ln Σ exp(x − max) along the axis")
        .gradient("dx = dy − exp(y) ⊙ Σ dy")
        .ulpsOfLargest(4)
        .gpuSums(in -> OpSpec.longest(in[0]))
        .example(new LogSoftmax(0), Draw.normal(5))
        .example(new LogSoftmax(1), Draw.normal(3, 4))
        .example(new LogSoftmax(0), Draw.normal(3, 4))
        .example(new LogSoftmax(-2), Draw.normal(2, 3, 4))
        .example(new LogSoftmax(1), Draw.normal(2, 1))
        .example(new LogSoftmax(1), Draw.normal(2, 0))
        .example(new LogSoftmax(0), Draw.normal(128))
        .example(new LogSoftmax(1), Draw.normal(2, 129))
        .rows(new LogSoftmax(1), Draw::normal)
        .large("far below 0", t -> t[0].sub(1000).logSoftmax(1), Draw.normal(3, 129))
        .rejects(
            () -> Tensor.zeros(2, 3).logSoftmax(-3),
            "log_softmax: [2, 3] has no axis -3; axes run from -2 to 1")
        .rejects(
            () -> Tensor.of(1L, 2L).logSoftmax(0),
            "log_softmax: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }

  /**
   * dx = dy − exp(y) ⊙ Σ dy along {@code axis}, of y and dy: the gradient of {@link LogSoftmax}.
   * Its own is, in dy, g − Σ g ⊙ exp(y); in y, −g ⊙ exp(y) ⊙ Σ dy.
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
          double sum = 0;
          for (int k = 0; k < size; k++) {
            sum += dy[start + k * inner];
          }
          for (int k = 0; k < size; k++) {
            int at = start + k * inner;
            dx[at] = dy[at] - StrictMath.exp(y[at]) * sum;
          }
        }
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      return SoftmaxKernels.logSoftmaxGrad(in[0], in[1], out[0], axis);
    }

    @Override
    public List<Variant> cuda() {
      return SoftmaxVariants.gradientOfLogarithm(axis);
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
      Tensor weighted = g[0].mul(y.exp());
      return new Tensor[] {
        saved.needs(0) ? weighted.mul(dy.sumKeepDims(axis)).neg() : null,
        saved.needs(1) ? g[0].sub(weighted.sumKeepDims(axis)) : null
      };
    }

    static OpSpec spec() {
      return OpSpec.of(new Grad(0))
          .formula("dx = dy − exp(y) ⊙ Σ dy along the axis")
          .gradient("to dy: g − Σ g ⊙ exp(y); to y: −g ⊙ exp(y) ⊙ Σ dy")
          .ulpsOfLargest(2)
          .gpuUlps(4)
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
              "log_softmax.grad: [2, 3] has no axis 2; axes run from -2 to 1")
          .rejects(
              () -> new Grad(0).apply(Tensor.zeros(2), Tensor.zeros(3)),
              "log_softmax.grad: shapes [2] and [3] differ")
          .build();
    }
  }
}
