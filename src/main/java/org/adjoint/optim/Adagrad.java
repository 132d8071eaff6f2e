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
    double eta = rate() / (1 + (p.steps() - 1) * rateDecay);
    plan(p, new Step(eta, eps, decay), gradient, "sum");
  }

  /** The lines above, with the rate as it has become: in one pass over w, s and ∇L. */
  record Step(double rate, double eps, double decay) implements OnePass {
    @Override
    public void step(double[][] state, double[] gradient) {
      double[] weights = state[0];
      double[] sums = state[1];
      for (int i = 0; i < gradient.length; i++) {
        double w = weights[i];
        double g = decay == 0 ? gradient[i] : gradient[i] + decay * w;
        sums[i] += g * g;
        weights[i] = w - rate * (g / (Math.sqrt(sums[i]) + eps));
      }
    }

    @Override
    public Lanes lanes() {
      return (x, at, n) -> {
        for (int i = 0; i < n; i++) {
          float w = x[0][at[0] + i];
          float g = x[2][at[2] + i];
          g = decay == 0 ? g : g + (float) (decay * w);
          float s = x[1][at[1] + i] + g * g;
          x[1][at[1] + i] = s;
          float divisor = (float) ((float) Math.sqrt(s) + eps);
          x[0][at[0] + i] = w - (float) (rate * (g / divisor));
        }
      };
    }

    @Override
    public String entry() {
      return "adagrad";
    }

    @Override
    public double[] numbers() {
      return new double[] {rate, eps, decay};
    }
  }
}
