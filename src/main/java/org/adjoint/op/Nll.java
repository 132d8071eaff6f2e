package org.adjoint.op;

import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The negative log-likelihood of the right classes: −weight[label] · logp[n, label, …]. A
 * composition.
 */
public final class Nll {
  /** PyTorch's usual label for elements that have none. */
  public static final long IGNORE = -100;

  private Nll() {}

  /** The mean over all elements that are not labelled {@link #IGNORE}. */
  public static Tensor of(Tensor logp, Tensor labels) {
    return of(logp, labels, null, IGNORE, Reduction.MEAN);
  }

  /**
   * Negative log-likelihood, a scalar or of labels' shape.
   *
   * @param logp [N, C, …], logarithms of probabilities
   * @param labels [N, …], classes from 0 to C − 1, I64 or I32
   * @param weights [C], what an element of each class counts, or null for ones
   * @param ignore the label of elements that count nothing
   * @param reduction MEAN divides by the sum of the weights of the labels
   */
  public static Tensor of(
      Tensor logp, Tensor labels, @Nullable Tensor weights, long ignore, Reduction reduction) {
    Labels l = Labels.of("nll", logp, labels, weights, ignore);
    return l.reduce(l.negativeOf(logp), reduction);
  }

  /**
   * Labels made ready.
   *
   * @param index the labels, 0 where ignored
   * @param kept false where ignored
   * @param weight of each label, 0 where ignored
   */
  record Labels(Tensor index, Tensor kept, Tensor weight) {
    static Labels of(String op, Tensor logp, Tensor labels, @Nullable Tensor weights, long ignore) {
      if (logp.rank() < 2 || !logp.shape().remove(1).equals(labels.shape())) {
        throw new IllegalArgumentException(
            op
                + ": logits "
                + logp.shape()
                + " and labels "
                + labels.shape()
                + "; they must be [N, C, …] and [N, …]");
      }
      if (!labels.dtype().isIndex()) {
        throw new IllegalArgumentException(
            op + ": the labels are " + labels.dtype() + "; convert them with to(DType.I64)");
      }
      Tensor kept = labels.ne((double) ignore);
      Tensor index = Where.of(kept, labels, 0);
      Tensor counted = kept.to(logp.dtype());
      if (weights == null) {
        return new Labels(index, kept, counted);
      }
      Standardise.requireShape(op, "weight", weights, logp.shape().slice(1, 2));
      Tensor chosen = weights.indexSelect(0, index.flatten(0)).reshape(index.shape().toArray());
      return new Labels(index, kept, chosen.mul(counted));
    }

    /** −weight · logp at the labels. */
    Tensor negativeOf(Tensor logp) {
      Tensor right = logp.gather(1, index.unsqueeze(1)).squeeze(1);
      return choose(right).mul(weight).neg();
    }

    /** {@code values} where a label counts, else 0, be they infinite or not. */
    Tensor choose(Tensor values) {
      return Where.of(kept, values, 0);
    }

    Tensor reduce(Tensor losses, Reduction reduction) {
      return reduction == Reduction.MEAN ? losses.sum().div(weight.sum()) : reduction.apply(losses);
    }
  }

  static OpSpec spec() {
    return OpSpec.composition("nll")
        .formula("y = −Σ weight[label]·logp[n, label] / Σ weight[label]")
        .gradient("dx[n, label] = −weight[label]·dy / Σ weight[label]")
        .example("mean", t -> of(t[0], t[1]), Draw.normal(3, 4), Draw.index(4, 3))
        .example(
            "image",
            t -> of(t[0], t[1], null, 2, Reduction.NONE),
            Draw.normal(2, 3, 2, 4),
            Draw.index(3, 2, 2, 4))
        .example(
            "weights",
            t -> of(t[0], t[2], t[1], 0, Reduction.MEAN),
            Draw.normal(9, 3),
            Draw.positive(3),
            Draw.index(3, 9))
        .example(
            "sum",
            t -> of(t[0], t[1], null, 1, Reduction.SUM),
            Draw.normal(129, 2),
            Draw.index(2, 129))
        .rejects(
            () -> of(Tensor.zeros(3, 4), Tensor.of(1L)),
            "nll: logits [3, 4] and labels [1]; they must be [N, C, …] and [N, …]")
        .rejects(
            () -> of(Tensor.zeros(1, 4), Tensor.of(-1L)),
            "gather: index -1 at element 0 lies outside 0 to 3")
        .rejects(
            () -> of(Tensor.zeros(1, 4), Tensor.zeros(1)),
            "nll: the labels are F32; convert them with to(DType.I64)")
        .rejects(
            () -> of(Tensor.zeros(1, 4), Tensor.of(0L), Tensor.zeros(3), -1, Reduction.SUM),
            "nll: the weight is [3]; it must be [4]")
        .build();
  }
}
