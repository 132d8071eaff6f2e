package org.adjoint.op;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.ExtremeVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * The element along an axis that beats all others, {@link Max} or {@link Min}: the first of equals,
 * and the first NaN before all numbers. The axis stays with size 1. A second, hidden output
 * remembers the place, to which the gradient goes.
 */
interface Extreme extends Op {
  /** The axis it is sought along. */
  int axis();

  /** Whether {@code a} is the better of two numbers. */
  boolean beats(double a, double b);

  @Override
  default Meta[] infer(Meta... in) {
    Require.numeric(this, in[0]);
    int at = in[0].shape().axis(name(), axis());
    if (in[0].size(at) == 0) {
      throw new IllegalArgumentException(
          name() + ": axis " + axis() + " of " + in[0].shape() + " is empty");
    }
    Meta y = in[0].with(in[0].shape().with(at, 1));
    return new Meta[] {y, y.with(DType.I64)};
  }

  @Override
  default void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    int outer = (int) in[0].shape().countBefore(axis());
    int size = in[0].size(axis());
    int inner = (int) in[0].shape().countAfter(axis());
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        int start = o * size * inner + i;
        int best = 0;
        for (int k = 1; k < size; k++) {
          double candidate = x[start + k * inner];
          double leader = x[start + best * inner];
          if (beats(candidate, leader) || (Double.isNaN(candidate) && !Double.isNaN(leader))) {
            best = k;
          }
        }
        out[0].data()[o * inner + i] = x[start + best * inner];
        out[1].data()[o * inner + i] = best;
      }
    }
  }

  @Override
  default List<Variant> cuda() {
    return ExtremeVariants.of(name(), axis());
  }

  @Override
  default double flop(Meta[] in, Meta[] out) {
    return in[0].shape().count();
  }

  @Override
  default Keep keep() {
    return Keep.outputs(1);
  }

  @Override
  default Tensor[] backward(Saved saved, Tensor... dy) {
    long size = saved.meta(0).size(axis());
    return new Tensor[] {new Gather.ScatterAdd(axis(), size).apply(dy[0], saved.output(1))};
  }
}
