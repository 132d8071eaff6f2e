package org.adjoint.op;

import org.adjoint.Tensor;

/** What becomes of the losses of single elements. */
public enum Reduction {
  /** They stay as they are. */
  NONE,
  /**
   * Their sum over the number of them; over the sum of their weights, where labels have weights.
   */
  MEAN,
  /** Their sum. */
  SUM,
  /** Their sum over the size of the first axis. */
  BATCH_MEAN;

  /** {@code losses}, reduced. */
  public Tensor apply(Tensor losses) {
    return switch (this) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
      case BATCH_MEAN -> losses.sum().div((double) losses.size(0));
    };
  }

  /** Prediction and target are floating and have one shape. */
  static void requirePair(String op, Tensor x, Tensor target) {
    Require.floating(op, x.meta());
    if (!x.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          op + ": prediction " + x.shape() + " and target " + target.shape() + " differ");
    }
  }
}
