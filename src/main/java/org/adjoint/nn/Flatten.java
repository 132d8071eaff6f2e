package org.adjoint.nn;

import org.adjoint.Tensor;

/** All axes but the first made one: [N, …] to [N, rest]. */
public record Flatten() implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.flatten(1);
  }

  @Override
  public String toString() {
    return "Flatten";
  }
}
