package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/** y = x·Wᵀ + b for x [.., in], W [out, in] and b [out], if there is one. */
public final class Linear implements Layer {
  private final Tensor weight;
  private final @Nullable Tensor bias;

  /** Weights and biases drawn uniformly from ±1/√in. */
  public Linear(long in, long out, Philox random) {
    weight = Init.defaults(random, in, out, in);
    bias = Init.defaults(random, in, out);
  }

  private Linear(Tensor weight) {
    this.weight = weight;
    bias = null;
  }

  /** This layer, on the same weight, without a bias. */
  public Linear withoutBias() {
    return new Linear(weight);
  }

  /** [out, in]. */
  public Tensor weight() {
    return weight;
  }

  /**
   * [out].
   *
   * @throws IllegalStateException if it has none
   */
  public Tensor bias() {
    if (bias == null) {
      throw new IllegalStateException("linear: it has no bias");
    }
    return bias;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.rank() == 0 || x.size(-1) != weight.size(1)) {
      throw new IllegalArgumentException(
          "linear: the last size of " + x.shape() + " must be " + weight.size(1));
    }
    Tensor y = Autocast.product(x, weight, (a, w) -> a.matmul(w.t()));
    return bias == null ? y : y.add(bias);
  }

  @Override
  public String toString() {
    return "Linear(" + weight.size(1) + ", " + weight.size(0) + ")";
  }
}
