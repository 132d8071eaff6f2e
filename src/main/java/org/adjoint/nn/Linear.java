package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.Tensor;

/** y = x·Wᵀ + b for x [.., in], W [out, in] and b [out]. */
public final class Linear implements Layer {
  private final Tensor weight;
  private final Tensor bias;

  /** Weights and biases drawn uniformly from ±1/√in. */
  public Linear(long in, long out, Philox random) {
    weight = Init.defaults(random, in, out, in);
    bias = Init.defaults(random, in, out);
  }

  /** [out, in]. */
  public Tensor weight() {
    return weight;
  }

  /** [out]. */
  public Tensor bias() {
    return bias;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.rank() == 0 || x.size(-1) != weight.size(1)) {
      throw new IllegalArgumentException(
          "linear: the last size of " + x.shape() + " must be " + weight.size(1));
    }
    return Autocast.product(x, weight, (a, w) -> a.matmul(w.t())).add(bias);
  }

  @Override
  public String toString() {
    return "Linear(" + weight.size(1) + ", " + weight.size(0) + ")";
  }
}
