package org.adjoint.optim;

import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Steps scaled by running averages of the gradient and of its square (Kingma, Ba, Adam: A method
 * for stochastic optimization, 2015, algorithm 1). With g = ∇L + λ·w at step t,
 *
 * <pre>
 *   m ← β₁·m + (1 − β₁)·g
 *   v ← β₂·v + (1 − β₂)·g²
 *   w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 * </pre>
 *
 * The divisions by 1 − βᵗ undo that m and v begin at 0. {@link AdamStep} computes the three in one
 * pass.
 */
public class Adam extends Optimizer {
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double eps = 1e-8;
  private double decay;
  private boolean amsgrad;

  /** With β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸ and λ = 0; the paper suggests a rate of 0.001. */
  public Adam(Layer model, double rate) {
    this(model.parameters(), rate);
  }

  /** As {@link #Adam(Layer, double)}, on parameters of one's choice. */
  public Adam(Map<String, Tensor> parameters, double rate) {
    this("adam", parameters, rate);
  }

  Adam(String name, Map<String, Tensor> parameters, double rate) {
    super(name, parameters, rate, "exp_avg", "exp_avg_sq");
  }

  /** How much of the averages stays at each step, both in [0, 1). */
  public Adam betas(double first, double second) {
    beta1 = require("beta1", first, 0, 1);
    beta2 = require("beta2", second, 0, 1);
    return this;
  }

  /** What keeps the divisor from 0. */
  public Adam eps(double epsilon) {
    eps = require("eps", epsilon, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  /** λ. */
  public Adam weightDecay(double lambda) {
    decay = require("weight decay", lambda, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  /**
   * Divides by the largest v so far, so that no element's rate grows (Reddi, Kale, Kumar, On the
   * convergence of Adam and beyond, 2018, algorithm 2); to be said before the first step.
   */
  public Adam amsgrad() {
    amsgrad = true;
    remember("max_exp_avg_sq", 0);
    return this;
  }

  @Override
  protected void update(Parameter p, Tensor gradient) {
    step(p, gradient, decay, 0);
  }

  /** λ, for those who apply it in another way. */
  final double weightDecay() {
    return decay;
  }

  /** The three lines above, with λ in the gradient, after w has lost its part {@code shrink}. */
  final void step(Parameter p, Tensor gradient, double lambda, double shrink) {
    AdamStep step = new AdamStep(p.steps(), rate(), beta1, beta2, eps, lambda, shrink, amsgrad);
    if (amsgrad) {
      plan(p, step, gradient, "exp_avg", "exp_avg_sq", "max_exp_avg_sq");
    } else {
      plan(p, step, gradient, "exp_avg", "exp_avg_sq");
    }
  }
}
