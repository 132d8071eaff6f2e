package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * The k greatest elements along an axis, the greatest first, and their indices; of equals the first
 * ones, and NaN before all numbers. A composition: the first part of {@link Sort}.
 */
public final class TopK {
  private TopK() {}

  /** The {@code k} greatest elements along the last axis. */
  public static Picked of(Tensor x, int k) {
    return of(x, k, -1);
  }

  /** The {@code k} greatest elements along {@code axis}. */
  public static Picked of(Tensor x, int k, int axis) {
    int at = x.shape().axis("top_k", axis);
    if (k < 0 || k > x.size(at)) {
      throw new IllegalArgumentException(
          "top_k: axis " + axis + " of " + x.shape() + " has no " + k + " elements");
    }
    Picked sorted = Sort.of(x, at, true);
    return new Picked(sorted.values().slice(at, 0, k), sorted.indices().slice(at, 0, k));
  }

  static OpSpec spec() {
    return OpSpec.composition("top_k")
        .formula("y[i] = x[index[i]], y[0] ≥ y[1] ≥ … ≥ y[k − 1] ≥ the other elements")
        .gradient("dx[index[i]] = dy[i], 0 elsewhere")
        .example("2 of 5", t -> of(t[0], 2).values(), Draw.apart(5))
        .example("128 of 129", t -> of(t[0], 128).values(), Draw.apart(2, 129))
        .example("2 of 3", t -> of(t[0], 2, 1).values(), Draw.apart(2, 3, 4))
        .example("none", t -> of(t[0], 0).values(), Draw.apart(2, 3))
        .example("all of none", t -> of(t[0], 0).values(), Draw.apart(2, 0))
        .example("indices", t -> of(t[0], 2).indices(), Draw.apart(2, 5))
        .rejects(() -> of(Tensor.zeros(2, 3), 4), "top_k: axis -1 of [2, 3] has no 4 elements")
        .rejects(() -> of(Tensor.zeros(), 1), "top_k: [] has no axis -1; it is a scalar")
        .build();
  }
}
