package org.adjoint.io.onnx;

import org.adjoint.Tensor;

/** How operators of two inputs broadcast before version 7. */
final class Legacy {
  private Legacy() {}

  /**
   * The second input of {@code call}, so that it broadcasts as those after it do. With {@code
   * broadcast} = 1 its axes are those of the first input from {@code axis} on, or the last ones;
   * without, the shapes are equal.
   */
  static Tensor second(Call call) {
    Tensor a = call.in(0);
    Tensor b = call.in(1);
    if (!call.flag("broadcast", false)) {
      call.needs(
          a.shape().equals(b.shape()),
          "shapes " + a.shape() + " and " + b.shape() + " differ, and broadcast is 0");
      return b;
    }
    int last = a.rank() - b.rank();
    long axis = call.integer("axis", last);
    int at = (int) (axis < 0 ? axis + a.rank() : axis);
    call.needs(
        at >= 0 && at <= last, b.shape() + " does not fit " + a.shape() + " at axis " + axis);
    Tensor wide = b;
    for (int i = at; i < last; i++) {
      wide = wide.unsqueeze(-1);
    }
    return wide.expand(a.shape());
  }
}
