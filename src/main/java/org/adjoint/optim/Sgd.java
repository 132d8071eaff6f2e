package org.adjoint.optim;

import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Stochastic gradient descent, with momentum if wanted: v ← μ·v + g, w ← w − η·v, where g = ∇L +
 * λ·w (Polyak, Some methods of speeding up the convergence of iteration methods, 1964).
 *
 * <p>Nesterov's momentum looks ahead: w ← w − η·(g + μ·v) (Sutskever, Martens, Dahl, Hinton, On the
 * importance of initialization and momentum in deep learning, 2013). The forms are PyTorch's.
 */
public final class Sgd extends Optimizer {
  private static final String VELOCITY = "momentum_buffer";

  private final double momentum;
  private boolean nesterov;
  private double decay;

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
    this(model.parameters(), rate, momentum);
  }

  /** As {@link #Sgd(Layer, double, double)}, on parameters of one's choice. */
  public Sgd(Map<String, Tensor> parameters, double rate, double momentum) {
    super("sgd", parameters, rate);
    this.momentum = require("momentum", momentum, 0, 1);
    if (momentum > 0) {
      remember(VELOCITY, 0);
    }
  }

  /**
   * Looks ahead as Nesterov does.
   *
   * @throws IllegalStateException without momentum, where there is nothing to look ahead along
   */
  public Sgd nesterov() {
    if (momentum == 0) {
      throw new IllegalStateException("sgd: nesterov needs a momentum above 0");
    }
    nesterov = true;
    return this;
  }

  /** Adds λ·w to each gradient. */
  public Sgd weightDecay(double lambda) {
    decay = require("weight decay", lambda, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  @Override
  protected void update(Parameter p, Tensor gradient) {
    Tensor w = p.weight();
    Tensor direction = decayed(gradient, decay, w);
    if (momentum > 0) {
      Tensor v = p.get(VELOCITY);
      v.assign(v.mul(momentum).add(direction));
      direction = nesterov ? direction.add(v.mul(momentum)) : v;
    }
    w.assign(w.sub(direction.mul(rate())));
  }
}
