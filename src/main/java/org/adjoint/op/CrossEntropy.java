package org.adjoint.op;

import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * y = −Σₙ log softmax(x)[n, labels[n]] / N: the mean negative log-likelihood of the right classes.
 * A composition around {@link SoftmaxNll}.
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
    return new SoftmaxNll(SoftmaxNll.NONE, 0).apply(logits, labels).mean();
  }

  /**
   * Cross-entropy, a scalar or of labels' shape.
   *
   * @param logits [N, C, …], unnormalised
   * @param labels [N, …], classes from 0 to C − 1, I64 or I32
   * @param weights [C], what each class counts, or null for ones
   * @param ignore the label of elements that count nothing; {@link Nll#IGNORE} is usual
   * @param smoothing ε, the part of the probability that is taken from the label and given to all
   *     classes alike (Szegedy et al., <i>Rethinking the Inception architecture</i>, 2016, § 7)
   * @param reduction MEAN divides by the sum of the weights of the labels
   */
  public static Tensor of(
      Tensor logits,
      Tensor labels,
      @Nullable Tensor weights,
      long ignore,
      double smoothing,
      Reduction reduction) {
    requireSmoothing(smoothing);
    Nll.Labels l = Nll.Labels.of("cross_entropy", logits, labels, weights, ignore);
    if (weights != null && smoothing > 0) {
      return l.reduce(composed(logits, l, weights, smoothing), reduction);
    }
    Tensor losses = new SoftmaxNll(ignore, smoothing).apply(logits, labels);
    return l.reduce(weights == null ? losses : losses.mul(l.weight()), reduction);
  }

  /** The losses by tensor calls; at labels that are ignored 0. */
  static Tensor composed(Tensor logits, Nll.Labels l, @Nullable Tensor weights, double smoothing) {
    Tensor logp = logits.logSoftmax(1);
    Tensor losses = l.negativeOf(logp);
    if (smoothing == 0) {
      return losses;
    }
    Tensor ofAll = l.choose(weighted(logp, weights).sum(1).neg());
    return losses.mul(1 - smoothing).add(ofAll.mul(smoothing / logits.size(1)));
  }

  /**
   * Cross-entropy against probabilities, a scalar or [N, …].
   *
   * @param logits [N, C, …], unnormalised
   * @param target of logits' shape, probabilities along the second axis
   * @param weights [C], what each class counts, or null for ones
   * @param smoothing as above
   * @param reduction MEAN divides by the number of elements [N, …], whatever the weights
   */
  public static Tensor ofProbabilities(
      Tensor logits,
      Tensor target,
      @Nullable Tensor weights,
      double smoothing,
      Reduction reduction) {
    requireSmoothing(smoothing);
    if (logits.rank() < 2 || !logits.shape().equals(target.shape())) {
      throw new IllegalArgumentException(
          "cross_entropy: logits "
              + logits.shape()
              + " and probabilities "
              + target.shape()
              + "; both must be [N, C, …]");
    }
    Tensor smooth =
        smoothing == 0 ? target : target.mul(1 - smoothing).add(smoothing / logits.size(1));
    return reduction.apply(weighted(logits.logSoftmax(1), weights).mul(smooth).sum(1).neg());
  }

  private static Tensor weighted(Tensor logp, @Nullable Tensor weights) {
    if (weights == null) {
      return logp;
    }
    Standardise.requireShape("cross_entropy", "weight", weights, logp.shape().slice(1, 2));
    return logp.mul(weights.reshape(Standardise.perChannel(logp).toArray()));
  }

  private static void requireSmoothing(double smoothing) {
    if (!(smoothing >= 0 && smoothing <= 1)) {
      throw new IllegalArgumentException(
          "cross_entropy: a smoothing of " + smoothing + " must lie between 0 and 1");
    }
  }

  static OpSpec spec() {
    return OpSpec.composition("cross_entropy")
        .formula("y = −Σₙ log softmax(x)[n, labels[n]] / N")
        .gradient("dx = (softmax(x) − one-hot(labels)) dy / N")
        .example("mean", t -> t[0].crossEntropy(t[1]), Draw.normal(3, 4), Draw.index(4, 3))
        .example("mean", t -> t[0].crossEntropy(t[1]), Draw.normal(1, 1), Draw.index(1, 1))
        .example("mean", t -> t[0].crossEntropy(t[1]), Draw.normal(5, 129), Draw.index(129, 5))
        .example(
            "smooth",
            t -> of(t[0], t[2], t[1], 1, 0.1, Reduction.MEAN),
            Draw.normal(2, 3, 4),
            Draw.positive(3),
            Draw.index(3, 2, 4))
        .example(
            "image",
            t -> of(t[0], t[1], null, 0, 0, Reduction.NONE),
            Draw.normal(2, 3, 2, 2),
            Draw.index(3, 2, 2, 2))
        .example(
            "probabilities",
            t -> ofProbabilities(t[0], t[1].softmax(1), t[2], 0.2, Reduction.MEAN),
            Draw.normal(2, 3, 4),
            Draw.normal(2, 3, 4),
            Draw.positive(3))
        .example(
            "probabilities",
            t -> ofProbabilities(t[0], t[1], null, 0, Reduction.NONE),
            Draw.normal(2, 128),
            Draw.positive(2, 128))
        .rejects(
            () -> Tensor.zeros(3, 4).crossEntropy(Tensor.of(1L)),
            "cross_entropy: logits [3, 4] and labels [1]; they must be [N, C] and [N]")
        .rejects(
            () -> Tensor.zeros(1, 4).crossEntropy(Tensor.of(4L)),
            "cross_entropy: index 4 at element 0 lies outside 0 to 3")
        .rejects(
            () -> of(Tensor.zeros(1, 4), Tensor.of(0L), null, -1, 2, Reduction.MEAN),
            "cross_entropy: a smoothing of 2.0 must lie between 0 and 1")
        .rejects(
            () -> of(Tensor.zeros(1, 4, 2), Tensor.of(0L), null, -1, 0, Reduction.MEAN),
            "cross_entropy: logits [1, 4, 2] and labels [1]; they must be [N, C, …] and [N, …]")
        .rejects(
            () ->
                ofProbabilities(
                    Tensor.zeros(2, 3), Tensor.zeros(2, 3), Tensor.zeros(2), 0, Reduction.MEAN),
            "cross_entropy: the weight is [2]; it must be [3]")
        .rejects(
            () -> ofProbabilities(Tensor.zeros(2, 3), Tensor.zeros(2), null, 0, Reduction.MEAN),
            "cross_entropy: logits [2, 3] and probabilities [2]; both must be [N, C, …]")
        .build();
  }
}
