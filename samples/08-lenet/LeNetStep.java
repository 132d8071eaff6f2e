package org.adjoint.samples;

import org.adjoint.CudaGraph;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.data.Batch;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.jspecify.annotations.Nullable;

/**
 * A step of training: forward, backward, and down. On a GPU it can be recorded once, as a graph,
 * and replayed, since to launch LeNet's small kernels one by one takes longer than they run.
 */
final class LeNetStep implements AutoCloseable {
  private final Sequential model;
  private final Sgd sgd;
  private final Device device;
  private final boolean asGraph;

  /** Σ loss · digits of an epoch; on the device, or every step would be waited for. */
  private final Tensor losses;

  private long learned;

  /** The batch that the graph learns from, whatever is assigned to it. */
  private @Nullable Batch inputs;

  private @Nullable CudaGraph graph;

  LeNetStep(Sequential model, Sgd sgd, Device device, boolean asGraph) {
    this.model = model;
    this.sgd = sgd;
    this.device = device;
    this.asGraph = asGraph;
    losses = Tensor.zeros(new Meta(Shape.SCALAR, DType.F64, device));
  }

  /** One step on {@code digits}. */
  void take(Batch digits) {
    learned += digits.inputs().size(0);
    if (!asGraph) {
      learn(digits);
      return;
    }
    if (inputs == null) {
      inputs =
          new Batch(Tensor.zeros(digits.inputs().meta()), Tensor.zeros(digits.targets().meta()));
    }
    Batch place = inputs;
    if (!digits.inputs().shape().equals(place.inputs().shape())) {
      learn(digits); // the last batch may be shorter, and a graph's shapes stay
      return;
    }
    place.inputs().assign(digits.inputs());
    place.targets().assign(digits.targets());
    if (graph == null) {
      graph = CudaGraph.capture(device, () -> learn(place)); // this takes the step, too
    } else {
      graph.replay();
    }
  }

  private void learn(Batch digits) {
    try (Scope _ = Scope.open()) {
      Tensor loss = model.forward(digits.inputs()).crossEntropy(digits.targets());
      sgd.zeroGrad();
      loss.backward();
      sgd.step();
      Tensor sum = loss.detach().to(DType.F64).mul(digits.inputs().size(0));
      losses.assign(losses.add(sum));
    }
  }

  /** Begins an epoch. */
  void begin() {
    learned = 0;
    try (Scope _ = Scope.open()) {
      losses.assign(Tensor.zeros(losses.meta()));
    }
  }

  /** The mean loss of the epoch so far; waits for the steps that were taken. */
  double meanLoss() {
    return losses.item() / learned;
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
    if (inputs != null) {
      inputs.close();
    }
    losses.close();
  }
}
