package org.adjoint.nn;

import org.adjoint.Tensor;
import org.adjoint.backend.Philox;

/** How parameters begin. */
final class Init {
  private Init() {}

  /**
   * Uniform on ±1/√fanIn, with a gradient: PyTorch's default for weights and biases of linear and
   * convolutional layers (LeCun, Bottou, Orr, Müller, Efficient BackProp, 1998, up to a factor).
   */
  static Tensor uniform(Philox random, long fanIn, long... sizes) {
    double bound = 1 / Math.sqrt(fanIn);
    return Tensor.uniform(random, -bound, bound, sizes).requireGrad();
  }
}
