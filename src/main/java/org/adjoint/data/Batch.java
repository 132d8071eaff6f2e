package org.adjoint.data;

import org.adjoint.Tensor;

/** Some examples: their inputs, and what is to be predicted, row for row. */
public record Batch(Tensor inputs, Tensor targets) implements AutoCloseable {
  @Override
  public void close() {
    inputs.close();
    targets.close();
  }
}
