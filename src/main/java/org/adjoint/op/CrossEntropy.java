package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y = −Σₙ log softmax(x)[n, labels[n]] / N: the mean negative log-likelihood of the right classes.
 * A composition.
 */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Mean cross-entropy, a scalar.
   *
   * @param logits [N, C], unnormalised
   * @param labels [N], classes from 0 to C − 1, I64 or I32
   */
  public static Tensor of(Tensor logits, Tensor labels) {
    if (logits.rank() != 2 || labels.rank() != 1 || logits.size(0) != labels.size(0)) {
      throw new IllegalArgumentException(
          "cross_entropy: logits "
              + logits.shape()
              + " and labels "
              + labels.shape()
              + "; they must be [N, C] and [N]");
    }
    return logits.logSoftmax(1).gather(1, labels.unsqueeze(1)).mean().neg();
  }

  static OpSpec spec() {
    return OpSpec.composition("cross_entropy")
        .formula("y = −Σₙ log softmax(x)[n, labels[n]] / N")
        .gradient("dx = (softmax(x) − one-hot(labels)) dy / N")
        .example("mean", t -> t[0].crossEntropy(t[1]), Draw.normal(3, 4), Draw.index(4, 3))
        .example("mean", t -> t[0].crossEntropy(t[1]), Draw.normal(1, 1), Draw.index(1, 1))
        .example("mean", t -> t[0].crossEntropy(t[1]), Draw.normal(5, 129), Draw.index(129, 5))
        .rejects(
            () -> Tensor.zeros(3, 4).crossEntropy(Tensor.of(1L)),
            "cross_entropy: logits [3, 4] and labels [1]; they must be [N, C] and [N]")
        .rejects(
            () -> Tensor.zeros(1, 4).crossEntropy(Tensor.of(4L)),
            "gather: index 4 at element 0 lies outside 0 to 3")
        .build();
  }
}
