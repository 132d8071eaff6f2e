package org.adjoint.optim;

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
    Tensor w = p.weight();
    Tensor g = decayed(gradient, decay, w);
    Tensor v = p.average("square_avg", alpha, g.mul(g));
    if (centered) {
      Tensor m = p.average("grad_avg", alpha, g);
      v = v.sub(m.mul(m));
    }
    Tensor direction = g.div(v.sqrt().add(eps));
    if (momentum > 0) {
      Tensor b = p.get("momentum_buffer");
      direction = b.assign(b.mul(momentum).add(direction));
    }
    w.assign(w.sub(direction.mul(rate())));
  }
}
