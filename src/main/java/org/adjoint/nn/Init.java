package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/** How parameters begin. */
final class Init {
  private Init() {}

  /**
   * Uniform on ±1/√fanIn, with a gradient: PyTorch's default for weights and biases of linear and
   * convolutional layers (LeCun, Bottou, Orr, Müller, Efficient BackProp, 1998, up to a factor).
   */
  static Tensor uniform(Philox random, long fanIn, long... sizes) {
    if (Shape.of(sizes).count() == 0 || fanIn < 1) {
      throw new IllegalArgumentException(
          "parameters: a layer without inputs or outputs, " + Shape.of(sizes));
    }
    double bound = 1 / Math.sqrt((double) fanIn);
    return Tensor.uniform(random, -bound, bound, sizes).requireGrad();
  }
}
