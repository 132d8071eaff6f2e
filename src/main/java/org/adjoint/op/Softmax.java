package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;

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
    Tensor dot = dy[0].mul(y).sumKeepDims(axis);
    return new Tensor[] {y.mul(dy[0].sub(dot))};
  }

  static OpSpec spec() {
    return OpSpec.of(new Softmax(0))
        .formula("y = exp(x − max) / Σ exp(x − max) along the axis")
        .gradient("dx = y ⊙ (dy − Σ dy ⊙ y)")
        .example(new Softmax(0), Draw.normal(5))
        .example(new Softmax(1), Draw.normal(3, 4))
        .example(new Softmax(0), Draw.normal(3, 4))
        .example(new Softmax(-2), Draw.normal(2, 3, 4))
        .example(new Softmax(1), Draw.normal(2, 1))
        .example(new Softmax(1), Draw.normal(2, 0))
        .example(new Softmax(0), Draw.normal(127))
        .example(new Softmax(1), Draw.normal(2, 129))
        .rejects(
            () -> Tensor.zeros(2, 3).softmax(2),
            "softmax: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(() -> Tensor.zeros().softmax(0), "softmax: [] has no axis 0; it is a scalar")
        .rejects(
            () -> Tensor.of(1L, 2L).softmax(0),
            "softmax: I64 is not floating; convert it with to(DType.F32)")
        .build();
  }
}
