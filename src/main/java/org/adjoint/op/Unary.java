package org.adjoint.op;

import java.util.List;
import org.adjoint.Meta;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.cuda.Variant;

/** A function of one number, applied to each element of a floating tensor. */
interface Unary extends Op, Elementwise {
  /** The function. */
  double f(double x);

  @Override
  default Meta[] infer(Meta... in) {
    Require.floating(this, in[0]);
    return new Meta[] {in[0]};
  }

  @Override
  default List<Variant> cuda() {
    return cuda("unary");
  }

  @Override
  default void reference(Dense[] in, Dense[] out) {
    double[] x = in[0].data();
    double[] y = out[0].data();
    for (int i = 0; i < y.length; i++) {
      y[i] = f(x[i]);
    }
  }
}
