package org.adjoint.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Each channel of x [N, C, …] brought to mean 0 and variance 1, then scaled by a weight [C] and
 * shifted by a bias [C] (Ioffe, Szegedy, Batch normalization, 2015, algorithm 1). In training by
 * the batch's statistics, of which running averages are kept; in use by these.
 */
public final class BatchNorm implements Layer {
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;
  private final Tensor batches;
  private final double momentum;
  private final double eps;
  private boolean training = true;

  /** With a tenth of each batch in the running averages, and ε = 10⁻⁵. */
  public BatchNorm(long channels) {
    this(channels, 0.1, 1e-5);
  }

  /**
   * With {@code momentum} of each batch in the running averages, and {@code eps} added to the
   * variance.
   *
   * @throws IllegalArgumentException if the momentum is not in [0, 1], or eps is negative
   */
  public BatchNorm(long channels, double momentum, double eps) {
    if (!(momentum >= 0 && momentum <= 1) || !(eps >= 0)) {
      throw new IllegalArgumentException(
          "batch_norm: momentum " + momentum + " must be in [0, 1], eps " + eps + " at least 0");
    }
    weight = Tensor.ones(channels).requireGrad();
    bias = Tensor.zeros(channels).requireGrad();
    runningMean = Tensor.zeros(channels);
    runningVar = Tensor.ones(channels);
    batches = Tensor.of(Shape.SCALAR, 0L);
    this.momentum = momentum;
    this.eps = eps;
  }

  @Override
  public Tensor forward(Tensor x) {
    if (!training) {
      return org.adjoint.op.BatchNorm.evaluating(x, weight, bias, runningMean, runningVar, eps);
    }
    Tensor y =
        org.adjoint.op.BatchNorm.training(x, weight, bias, runningMean, runningVar, momentum, eps);
    try (Scope _ = Scope.open()) {
      batches.assign(Grad.off(() -> batches.add(1)));
    }
    return y;
  }

  @Override
  public Map<String, Tensor> buffers() {
    Map<String, Tensor> buffers = new LinkedHashMap<>();
    buffers.put("running_mean", runningMean);
    buffers.put("running_var", runningVar);
    buffers.put("num_batches_tracked", batches);
    return buffers;
  }

  @Override
  public void train(boolean on) {
    training = on;
  }

  @Override
  public String toString() {
    return "BatchNorm(" + weight.size(0) + ")";
  }
}
