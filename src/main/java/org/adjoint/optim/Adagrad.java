package org.adjoint.optim;

import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Each element has a rate that falls with what its gradients have summed up to (Duchi, Hazan,
 * Singer, Adaptive subgradient methods for online learning and stochastic optimization, 2011,
 * figure 1, with a diagonal matrix). With g = ∇L + λ·w at step t,
 *
 * <pre>
 *   s ← s + g²
 *   w ← w − η / (1 + (t − 1)·δ) · g / (√s + ε)
 * </pre>
 *
 * The decay δ of the rate is PyTorch's.
 */
public final class Adagrad extends Optimizer {
  private double eps = 1e-10;
  private double decay;
  private double rateDecay;

  /** With ε = 10⁻¹⁰, λ = 0, δ = 0 and s = 0 at first. */
  public Adagrad(Layer model, double rate) {
    this(model.parameters(), rate);
  }

  /** As {@link #Adagrad(Layer, double)}, on parameters of one's choice. */
  public Adagrad(Map<String, Tensor> parameters, double rate) {
    super("adagrad", parameters, rate, "sum");
  }

  /** What s is before the first step, at least 0. */
  public Adagrad start(double sum) {
    remember("sum", require("start", sum, 0, Double.POSITIVE_INFINITY));
    return this;
  }

  /** What keeps the divisor from 0. */
  public Adagrad eps(double epsilon) {
    eps = require("eps", epsilon, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  /** λ. */
  public Adagrad weightDecay(double lambda) {
    decay = require("weight decay", lambda, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  /** δ, at least 0. */
  public Adagrad rateDecay(double delta) {
    rateDecay = require("rate decay", delta, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  @Override
  protected void update(Parameter p, Tensor gradient) {
    Tensor w = p.weight();
    Tensor g = decayed(gradient, decay, w);
    Tensor s = p.get("sum");
    s.assign(s.add(g.mul(g)));
    double eta = rate() / (1 + (p.steps() - 1) * rateDecay);
    w.assign(w.sub(g.div(s.sqrt().add(eps)).mul(eta)));
  }
}
