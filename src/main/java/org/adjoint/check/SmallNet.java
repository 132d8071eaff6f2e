package org.adjoint.check;

import java.util.Arrays;
import java.util.List;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;

/** Two layers and a loss, trained by hand on noise: a whole step of training in few lines. */
final class SmallNet {
  private static final double RATE = 0.1;

  private final Tensor x;
  private final Tensor labels;
  private final List<Tensor> parameters;

  /** A fresh network and a batch for it, of the given sizes. */
  SmallNet(int batch, int inputs, int hidden, int classes) {
    Philox random = new Philox(1);
    x = Tensor.normal(random, batch, inputs);
    long[] chosen = new long[batch];
    Arrays.setAll(chosen, i -> random.nextInt(classes));
    labels = Tensor.of(chosen);
    parameters =
        List.of(
            Tensor.normal(random, inputs, hidden).mul(0.3).requireGrad(),
            Tensor.normal(random, hidden).mul(0.3).requireGrad(),
            Tensor.normal(random, hidden, classes).mul(0.3).requireGrad(),
            Tensor.normal(random, classes).mul(0.3).requireGrad());
  }

  /** Forward, back, and down the gradient. */
  void step() {
    try (Scope _ = Scope.open()) {
      loss(x, parameters.toArray(Tensor[]::new)).backward();
      for (Tensor parameter : parameters) {
        parameter.assign(parameter.detach().sub(parameter.grad().mul(RATE)));
        parameter.zeroGrad();
      }
    }
  }

  private Tensor loss(Tensor in, Tensor... p) {
    Tensor hidden = in.matmul(p[0]).add(p[1]).relu();
    return hidden.matmul(p[2]).add(p[3]).crossEntropy(labels);
  }

  /** The loss and its gradients in the batch and in all parameters. */
  Run run() {
    Tensor[] all = new Tensor[1 + parameters.size()];
    Arrays.setAll(all, i -> i == 0 ? x : parameters.get(i - 1));
    return Run.of(in -> new Tensor[] {loss(in[0], Arrays.copyOfRange(in, 1, in.length))}, all);
  }
}
