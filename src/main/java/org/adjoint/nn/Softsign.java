package org.adjoint.nn;

import org.adjoint.Tensor;

/** x / (1 + |x|). */
public record Softsign() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.Softsign.of(x);
  }

  @Override
  public String toString() {
    return "Softsign";
  }
}
