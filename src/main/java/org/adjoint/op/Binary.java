package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.cuda.Variant;

/**
 * A function of two numbers, applied to each pair of elements of two tensors of one shape.
 * Broadcasting happens before, by {@link Expand}, whose gradient is the sum that broadcasting asks
 * for; so no such op needs to know of it.
 */
interface Binary extends Op, Elementwise {
  /** The function. */
  double f(double a, double b);

  @Override
  default Meta[] infer(Meta... in) {
    Require.same(this, in);
    Require.numeric(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  default List<Variant> cuda() {
    return cuda("binary");
  }

  @Override
  default void reference(Dense[] in, Dense[] out) {
    double[] a = in[0].data();
    double[] b = in[1].data();
    double[] y = out[0].data();
    for (int i = 0; i < y.length; i++) {
      y[i] = f(a[i], b[i]);
    }
  }

  /** Applies {@code op} to {@code a} and {@code b}, expanded to their common shape. */
  static Tensor broadcast(Binary op, Tensor a, Tensor b) {
    if (a.shape().equals(b.shape())) {
      return op.apply(a, b);
    }
    Shape common = Shape.broadcast(op.name(), a.shape(), b.shape());
    return op.apply(a.expand(common), b.expand(common));
  }
}
