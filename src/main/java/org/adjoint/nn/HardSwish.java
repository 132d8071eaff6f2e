package org.adjoint.nn;

import org.adjoint.Tensor;

/** x times its {@link HardSigmoid} (Howard et al., Searching for MobileNetV3, 2019). */
public record HardSwish() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.HardSwish.of(x);
  }

  @Override
  public String toString() {
    return "HardSwish";
  }
}
