package org.adjoint.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final List<String> names = new ArrayList<>();
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
    for (Tensor parameter : parameters) {
      names.add(name(model, parameter));
    }
    if (momentum > 0) {
      parameters.forEach(p -> velocities.add(Tensor.zeros(p.meta())));
    }
  }

  private static String name(Layer model, Tensor parameter) {
    return model.parameters().entrySet().stream()
        .filter(named -> named.getValue() == parameter)
        .findFirst()
        .orElseThrow()
        .getKey();
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

  /** What is carried from step to step, by name: {@code 0.weight.momentum_buffer}. */
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < velocities.size(); i++) {
      state.put(names.get(i) + ".momentum_buffer", velocities.get(i));
    }
    return state;
  }

  /**
   * Takes over a {@link #state}.
   *
   * @throws IllegalArgumentException if a name, a shape or a dtype differs
   */
  public void load(Map<String, Tensor> state) {
    Map<String, Tensor> own = state();
    if (!own.keySet().equals(state.keySet())) {
      throw new IllegalArgumentException(
          "sgd: the state is of " + state.keySet() + ", not " + own.keySet());
    }
    own.forEach((name, velocity) -> velocity.assign(state.getOrDefault(name, velocity)));
  }

  /** Forgets the gradients, so that the next backward starts afresh. */
  public void zeroGrad() {
    parameters.forEach(Tensor::zeroGrad);
  }
}
