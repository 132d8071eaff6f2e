package org.adjoint.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Gradients divided by the root of a running average of their squares (Tieleman, Hinton, Lecture
 * 6.5, rmsprop: Divide the gradient by a running average of its recent magnitude, 2012). With g =
 * ∇L + λ·w,
 *
 * <pre>
 *   v ← α·v + (1 − α)·g²
 *   w ← w − η · g / (√v + ε)
 * </pre>
 *
 * Centred, the variance v − m² takes the place of v, where m ← α·m + (1 − α)·g (Graves, Generating
 * sequences with recurrent neural networks, 2013, eq. 38 to 41). With momentum, b ← μ·b + g / (√v +
 * ε) and w ← w − η·b. The forms are PyTorch's.
 */
public final class RmsProp extends Optimizer {
  private double alpha = 0.99;
  private double eps = 1e-8;
  private double decay;
  private double momentum;
  private boolean centered;

  /** With α = 0.99, ε = 10⁻⁸, not centred, and no momentum. */
  public RmsProp(Layer model, double rate) {
    this(model.parameters(), rate);
  }

  /** As {@link #RmsProp(Layer, double)}, on parameters of one's choice. */
  public RmsProp(Map<String, Tensor> parameters, double rate) {
    super("rmsprop", parameters, rate, "square_avg");
  }

  /** How much of the averages stays at each step, in [0, 1). */
  public RmsProp alpha(double keep) {
    alpha = require("alpha", keep, 0, 1);
    return this;
  }

  /** What keeps the divisor from 0. */
  public RmsProp eps(double epsilon) {
    eps = require("eps", epsilon, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  /** λ. */
  public RmsProp weightDecay(double lambda) {
    decay = require("weight decay", lambda, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  /** μ, above 0 and below 1; to be said before the first step. */
  public RmsProp momentum(double mu) {
    momentum = require("momentum", mu, Double.MIN_VALUE, 1);
    remember("momentum_buffer", 0);
    return this;
  }

  /** Divides by the root of the variance; to be said before the first step. */
  public RmsProp centered() {
    centered = true;
    remember("grad_avg", 0);
    return this;
  }

  @Override
  protected void update(Parameter p, Tensor gradient) {
    List<String> slots = new ArrayList<>(List.of("square_avg"));
    if (centered) {
      slots.add("grad_avg");
    }
    if (momentum > 0) {
      slots.add("momentum_buffer");
    }
    Step step = new Step(rate(), alpha, eps, decay, momentum, centered);
    plan(p, step, gradient, slots.toArray(String[]::new));
  }

  /** The lines above: in one pass over w, v, m if centred, b if there is a momentum, and ∇L. */
  record Step(
      double rate, double alpha, double eps, double decay, double momentum, boolean centered)
      implements OnePass {
    @Override
    public void step(double[][] state, double[] gradient) {
      double[] weights = state[0];
      double[] squares = state[1];
      double[] last = state[state.length - 1];
      for (int i = 0; i < gradient.length; i++) {
        double w = weights[i];
        double g = decay == 0 ? gradient[i] : gradient[i] + decay * w;
        double v = alpha * squares[i] + (1 - alpha) * (g * g);
        squares[i] = v;
        if (centered) {
          double m = alpha * state[2][i] + (1 - alpha) * g;
          state[2][i] = m;
          v -= m * m;
        }
        double direction = g / (Math.sqrt(v) + eps);
        if (momentum > 0) {
          direction += momentum * last[i];
          last[i] = direction;
        }
        weights[i] = w - rate * direction;
      }
    }

    @Override
    public Lanes lanes() {
      double rest = 1 - alpha;
      return (x, at, n) -> {
        int last = x.length - 2;
        for (int i = 0; i < n; i++) {
          float w = x[0][at[0] + i];
          float g = x[last + 1][at[last + 1] + i];
          g = decay == 0 ? g : g + (float) (decay * w);
          float v = (float) (alpha * x[1][at[1] + i]) + (float) (rest * (g * g));
          x[1][at[1] + i] = v;
          if (centered) {
            float m = (float) (alpha * x[2][at[2] + i]) + (float) (rest * g);
            x[2][at[2] + i] = m;
            v -= m * m;
          }
          float direction = g / (float) ((float) Math.sqrt(v) + eps);
          if (momentum > 0) {
            direction += (float) (momentum * x[last][at[last] + i]);
            x[last][at[last] + i] = direction;
          }
          x[0][at[0] + i] = w - (float) (rate * direction);
        }
      };
    }

    @Override
    public String entry() {
      return "rmsprop" + (centered ? "_centered" : "") + (momentum > 0 ? "_momentum" : "");
    }

    @Override
    public double[] numbers() {
      return new double[] {rate, alpha, 1 - alpha, eps, decay, momentum};
    }
  }
}
