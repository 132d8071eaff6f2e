package org.adjoint.io.onnx;

import org.adjoint.Tensor;
import org.adjoint.op.Nll;
import org.adjoint.op.Reduction;

/** What training minimises. */
final class LossOps {
  private LossOps() {}

  static void register(Operators table) {
    String attributes = "ignore_index reduction";
    table.one("NegativeLogLikelihoodLoss", 12, 3, attributes, c -> nll(c, c.floating(0)));
    table.many("SoftmaxCrossEntropyLoss", 12, 3, attributes, LossOps::crossEntropy);
  }

  /** The loss, and the logarithms of the probabilities. */
  private static Tensor[] crossEntropy(Call c) {
    c.needs(c.in(0).rank() >= 2, "scores of " + c.in(0).shape() + "; they must be [N, C, …]");
    Tensor logp = c.floating(0).logSoftmax(1);
    return new Tensor[] {nll(c, logp), logp};
  }

  private static Tensor nll(Call c, Tensor logp) {
    Reduction reduction =
        switch (c.text("reduction", "mean")) {
          case "mean" -> Reduction.MEAN;
          case "sum" -> Reduction.SUM;
          case "none" -> Reduction.NONE;
          default -> throw c.unsupported("reduction = '" + c.text("reduction", "") + "'");
        };
    // Without the attribute no label is ignored: this one is no double's.
    long ignore = c.integer("ignore_index", Long.MIN_VALUE + 1);
    return Nll.of(logp, c.in(1), c.maybe(2), ignore, reduction);
  }
}
