package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * a ⊙ σ(b), where a and b are the halves of x along {@code axis} (Dauphin, Fan, Auli, Grangier,
 * Language modeling with gated convolutional networks, 2017).
 */
public record Glu(int axis) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return org.adjoint.op.Glu.of(x, axis);
  }

  @Override
  public String toString() {
    return "Glu(" + axis + ")";
  }
}
