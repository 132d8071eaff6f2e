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
 * y = max + ln Σ exp(x − max) along {@code axis}, which stays with size 1. Gradient: dx = dy ⊙
 * softmax(x).
 *
 * <p>Subtracting the maximum changes nothing but keeps exp from overflowing.
 */
public record LogSumExp(int axis) implements Op {
  @Override
  public String name() {
    return "logsumexp";
  }

  /** ln Σ eˣ along {@code axis}, which is dropped; −∞ of none. */
  public static Tensor of(Tensor x, int axis) {
    return new LogSumExp(axis).apply(x).squeeze(axis);
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    return new Meta[] {in[0].with(in[0].shape().with(in[0].shape().axis(name(), axis), 1))};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
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
        // An infinite maximum is the result; subtracted from itself it would be NaN.
        out[0].data()[o * inner + i] = Double.isInfinite(max) ? max : max + StrictMath.log(sum);
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    return SoftmaxKernels.logSumExp(in[0], out[0], axis);
  }

  @Override
  public List<Variant> cuda() {
    return SoftmaxVariants.ofRows("logsumexp", axis);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 4.0 * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(0);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {saved.input(0).softmax(axis).mul(dy[0])};
  }

  static OpSpec spec() {
    return OpSpec.of(new LogSumExp(0))
        .formula("y = max + ln Σ exp(x − max) along the axis")
        .gradient("dx = dy ⊙ softmax(x)")
        .ulpsOfLargest(4)
        .gpuSums(in -> OpSpec.longest(in[0]))
        .example(new LogSumExp(0), Draw.normal(5))
        .example(new LogSumExp(1), Draw.normal(3, 129))
        .example(new LogSumExp(0), Draw.normal(127, 2))
        .example(new LogSumExp(-2), Draw.normal(2, 3, 4))
        .example(new LogSumExp(1), Draw.normal(2, 1))
        .example(new LogSumExp(1), Draw.normal(0, 3))
        .rows(new LogSumExp(1), Draw::normal)
        .large("far below 0", t -> t[0].sub(1000).logsumexp(1), Draw.normal(3, 129))
        .rejects(
            () -> Tensor.zeros(2, 3).logsumexp(2),
            "logsumexp: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(
            () -> Tensor.of(1L, 2L).logsumexp(0),
            "logsumexp: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
