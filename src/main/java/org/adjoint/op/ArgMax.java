package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.ExtremeVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * The index of the largest element along {@code axis}, which stays with size 1; the first of
 * equals, and the first NaN before all numbers. No gradient: an index does not change by small
 * steps.
 */
public record ArgMax(int axis) implements Op {
  @Override
  public String name() {
    return "argmax";
  }

  /** The index of the largest element along {@code axis}, which is dropped. */
  public static Tensor of(Tensor x, int axis) {
    return new ArgMax(axis).apply(x).squeeze(axis);
  }

  @Override
  public Meta[] infer(Meta... in) {
    int at = in[0].shape().axis(name(), axis);
    if (in[0].size(at) == 0) {
      throw new IllegalArgumentException(
          "argmax: axis " + axis + " of " + in[0].shape() + " is empty");
    }
    return new Meta[] {in[0].with(in[0].shape().with(at, 1)).with(DType.I64)};
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
        int best = 0;
        for (int k = 1; k < size; k++) {
          double candidate = x[start + k * inner];
          double largest = x[start + best * inner];
          if (candidate > largest || (Double.isNaN(candidate) && !Double.isNaN(largest))) {
            best = k;
          }
        }
        out[0].data()[o * inner + i] = best;
      }
    }
  }

  @Override
  public List<Variant> cuda() {
    return ExtremeVariants.of("max", axis);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return in[0].shape().count();
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[] {null};
  }

  static OpSpec spec() {
    return OpSpec.of(new ArgMax(0))
        .formula("y = the index of the largest x along the axis")
        .gradient("none: the result is an integer")
        .example(new ArgMax(0), Draw.apart(5))
        .example(new ArgMax(1), Draw.apart(3, 129))
        .example(new ArgMax(0), Draw.apart(3, 0))
        .example(new ArgMax(-2), Draw.apart(2, 3, 4))
        .rejects(() -> Tensor.zeros(2, 0).argmax(1), "argmax: axis 1 of [2, 0] is empty")
        .rejects(
            () -> Tensor.zeros(2, 3).argmax(2),
            "argmax: [2, 3] has no axis 2; axes run from -2 to 1")
        .build();
  }
}
