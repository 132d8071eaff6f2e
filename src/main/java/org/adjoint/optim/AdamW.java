package org.adjoint.optim;

import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * {@link Adam} with a decay of the weights beside the gradient, not in it: w ← (1 − η·λ)·w, then
 * Adam's step along ∇L alone (Loshchilov, Hutter, Decoupled weight decay regularization, 2019,
 * algorithm 2; the form is PyTorch's, where the decay scales with η).
 */
public final class AdamW extends Adam {
  /** With λ = 0.01, and the rest as {@link Adam#Adam(Layer, double)}. */
  public AdamW(Layer model, double rate) {
    this(model.parameters(), rate);
  }

  /** As {@link #AdamW(Layer, double)}, on parameters of one's choice. */
  public AdamW(Map<String, Tensor> parameters, double rate) {
    super("adamw", parameters, rate);
    weightDecay(0.01);
  }

  @Override
  protected void update(Parameter p, Tensor gradient) {
    step(p, gradient, 0, rate() * weightDecay());
  }
}
