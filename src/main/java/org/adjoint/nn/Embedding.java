package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.Tensor;

/** The rows of a table that indices of any shape name: I64 [..] to [.., width]. */
public final class Embedding implements Layer {
  private final Tensor weight;

  /** A table of normal draws, as in PyTorch. */
  public Embedding(long rows, long width, Philox random) {
    weight = Tensor.normal(random, rows, width).requireGrad();
  }

  /** [rows, width]. */
  public Tensor weight() {
    return weight;
  }

  @Override
  public Tensor forward(Tensor index) {
    return org.adjoint.op.Embedding.of(weight, index);
  }

  @Override
  public String toString() {
    return "Embedding(" + weight.size(0) + ", " + weight.size(1) + ")";
  }
}
