package org.adjoint.optim;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Stochastic gradient descent, with momentum if wanted: v ← μ·v + ∇L, w ← w − η·v (Polyak, Some
 * methods of speeding up the convergence of iteration methods, 1964; the form is PyTorch's).
 */
public final class Sgd {
  private final List<Tensor> parameters;
  private final List<Tensor> velocities = new ArrayList<>();
  private final double rate;
  private final double momentum;

  /** Plain gradient descent on the parameters of {@code model} with learning rate η = rate. */
  public Sgd(Layer model, double rate) {
    this(model, rate, 0);
  }

  /**
   * With momentum μ.
   *
   * @throws IllegalArgumentException if the rate is negative or the momentum not in [0, 1)
   */
  public Sgd(Layer model, double rate, double momentum) {
    if (!(rate >= 0) || !(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException(
          "sgd: rate " + rate + " must be at least 0, momentum " + momentum + " in [0, 1)");
    }
    this.rate = rate;
    this.momentum = momentum;
    // A parameter that two layers share has two names, but takes one step.
    parameters = model.parameters().values().stream().distinct().toList();
    if (momentum > 0) {
      parameters.forEach(p -> velocities.add(Tensor.zeros(p.meta())));
    }
  }

  /** One step along the gradients that backward left; parameters without one stay. */
  public void step() {
    try (Scope _ = Scope.open()) {
      Grad.off(this::update);
    }
  }

  private void update() {
    for (int i = 0; i < parameters.size(); i++) {
      Tensor weight = parameters.get(i);
      if (!weight.hasGrad()) {
        continue;
      }
      Tensor direction = weight.grad();
      if (momentum > 0) {
        Tensor velocity = velocities.get(i);
        direction = velocity.assign(velocity.mul(momentum).add(direction));
      }
      weight.assign(weight.sub(direction.mul(rate)));
    }
  }

  /** Forgets the gradients, so that the next backward starts afresh. */
  public void zeroGrad() {
    parameters.forEach(Tensor::zeroGrad);
  }
}
