package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
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
 * y = eˣ / Σ eˣ along {@code axis} over the elements where a mask is true, which are seen; y = 0
 * elsewhere. Where nothing is seen, all of y is 0. Gradient: dx = y ⊙ (dy − Σ dy ⊙ y).
 *
 * <p>The softmax of x with −∞ at what is hidden would be the same, but for NaN where nothing is
 * seen; and anomaly mode would take the −∞ for a mistake.
 */
public record MaskedSoftmax(int axis) implements Op {
  /** The softmax of {@code x} where {@code mask}, which broadcasts to x's shape, is true. */
  public static Tensor of(Tensor x, Tensor mask, int axis) {
    return new MaskedSoftmax(axis).apply(x, mask.expand(x.shape()));
  }

  @Override
  public Meta[] infer(Meta... in) {
    Require.sameDevice(this, in);
    Require.floating(this, in[0]);
    in[0].shape().axis(name(), axis);
    Require.mask(this, in[1]);
    if (!in[1].shape().equals(in[0].shape())) {
      throw new IllegalArgumentException(
          name() + ": shapes " + in[0].shape() + " and " + in[1].shape() + " differ");
    }
    return new Meta[] {in[0]};
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] seen = in[1].data();
    double[] y = out[0].data();
    int outer = (int) in[0].shape().countBefore(axis);
    int size = in[0].size(axis);
    int inner = (int) in[0].shape().countAfter(axis);
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int start = o * size * inner + i;
        double max = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < size; k++) {
          int at = start + k * inner;
          max = seen[at] != 0 ? Math.max(max, x[at]) : max;
        }
        double sum = 0;
        for (int k = 0; k < size; k++) {
          int at = start + k * inner;
          y[at] = seen[at] != 0 ? StrictMath.exp(x[at] - max) : 0;
          sum += y[at];
        }
        for (int k = 0; k < size; k++) {
          int at = start + k * inner;
          y[at] = seen[at] != 0 ? y[at] / sum : 0;
        }
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    return SoftmaxKernels.maskedSoftmax(in[0], in[1], out[0], axis);
  }

  @Override
  public List<Variant> cuda() {
    return SoftmaxVariants.forward("masked_softmax", axis);
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
    return new Tensor[] {new Softmax.Grad(axis).apply(saved.output(0), dy[0]), null};
  }

  static OpSpec spec() {
    return OpSpec.of(new MaskedSoftmax(0))
        .formula("y = eˣ / Σ eˣ along the axis, over what the mask lets be seen; 0 elsewhere")
        .gradient("dx = y ⊙ (dy − Σ dy ⊙ y)")
        .ulps(6)
        .gpuUlps(8)
        .gpuSums(in -> OpSpec.longest(in[0]))
        .example(new MaskedSoftmax(0), Draw.normal(5), Draw.mask(5))
        .example(new MaskedSoftmax(1), Draw.normal(6, 2), Draw.mask(6, 2))
        .example(new MaskedSoftmax(0), Draw.normal(3, 4), Draw.mask(3, 4))
        .example(new MaskedSoftmax(-2), Draw.normal(2, 3, 4), Draw.mask(2, 3, 4))
        .example(new MaskedSoftmax(1), Draw.normal(2, 0), Draw.mask(2, 0))
        .example(new MaskedSoftmax(0), Draw.normal(127), Draw.mask(127))
        .example(new MaskedSoftmax(1), Draw.normal(2, 129), Draw.mask(2, 129))
        .example("one for all", t -> of(t[0], t[1], 1), Draw.normal(3, 4), Draw.mask(4))
        .rows(new MaskedSoftmax(1), Draw::normal, Draw::mask)
        .large(
            "far below 0", t -> of(t[0].sub(1000), t[1], 1), Draw.normal(3, 129), Draw.mask(3, 129))
        .rejects(
            () -> new MaskedSoftmax(2).apply(Tensor.zeros(2, 3), Tensor.zeros(2, 3)),
            "masked_softmax: [2, 3] has no axis 2; axes run from -2 to 1")
        .rejects(
            () -> new MaskedSoftmax(0).apply(Tensor.zeros(2), Tensor.zeros(2)),
            "masked_softmax: F32 is not BOOL; compare it with something, as ne(0) does")
        .rejects(
            () -> new MaskedSoftmax(0).apply(Tensor.zeros(2), Tensor.arange(3).to(DType.BOOL)),
            "masked_softmax: shapes [2] and [3] differ")
        .rejects(
            () -> of(Tensor.zeros(2, 2), Tensor.arange(3).to(DType.BOOL), 1),
            "expand: [3] and [2, 2] do not broadcast: sizes 3 and 2 at axis -1 differ and neither"
                + " is 1")
        .build();
  }
}
