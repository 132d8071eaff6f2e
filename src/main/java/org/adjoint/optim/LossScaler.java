package org.adjoint.optim;

import java.util.Map;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Span;
import org.adjoint.Tensor;
import org.adjoint.nn.State;

/**
 * Keeps small gradients from vanishing in F16, whose smallest number is 6·10⁻⁸: the loss is
 * multiplied by a scale before backward, and the gradients are divided by it before the step. The
 * scale is as large as goes: it halves, and the step is left out, when a gradient overflows, and
 * doubles after 2000 good steps (Micikevicius et al., Mixed precision training, 2018, section 3.2;
 * the numbers are PyTorch's).
 *
 * <pre>{@code
 * scaler.scale(loss).backward();
 * scaler.unscale(optimizer);      // only if the gradients are to be clipped:
 * Clip.norm(model, 1);
 * scaler.step(optimizer);
 * }</pre>
 */
public final class LossScaler {
  private double scale;
  private final long interval;
  private long good;
  private boolean unscaled;
  private boolean finite;

  /** Begins with a scale of 65,536, which doubles after 2000 good steps. */
  public LossScaler() {
    this(65_536, 2000);
  }

  /**
   * @throws IllegalArgumentException if the scale is not above 0, or the interval less than 1
   */
  public LossScaler(double scale, long interval) {
    requireScale(scale);
    if (interval < 1) {
      throw new IllegalArgumentException(
          "loss scaler: interval " + interval + " must be at least 1");
    }
    this.scale = scale;
    this.interval = interval;
  }

  private static double requireScale(double scale) {
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("loss scaler: scale " + scale + " must be above 0");
    }
    return scale;
  }

  /** The scale of the next step. */
  public double scale() {
    return scale;
  }

  /** {@code loss} times the scale: what backward is to be called on. */
  public Tensor scale(Tensor loss) {
    return loss.mul(scale);
  }

  /**
   * Divides the gradients by the scale, once; {@link #step} does it if nobody has.
   *
   * @throws IllegalStateException if it was done since the last step
   */
  public void unscale(Optimizer optimizer) {
    if (unscaled) {
      throw new IllegalStateException("loss scaler: unscaled twice before one step");
    }
    unscaled = true;
    try (Span _ = Span.open(Span.Part.UPDATE, "unscale")) {
      finite = optimizer.parameters().values().stream().allMatch(LossScaler::isFinite);
      if (finite) {
        Clip.change(optimizer.parameters().values(), g -> g.div(scale));
      }
    }
  }

  /**
   * Lets {@code optimizer} step if all gradients are finite, and adapts the scale.
   *
   * @return whether the step was taken
   */
  public boolean step(Optimizer optimizer) {
    if (!unscaled) {
      unscale(optimizer);
    }
    unscaled = false;
    if (!finite) {
      scale /= 2;
      good = 0;
      return false;
    }
    optimizer.step();
    if (++good == interval) {
      scale *= 2;
      good = 0;
    }
    return true;
  }

  private static boolean isFinite(Tensor p) {
    if (!p.hasGrad()) {
      return true;
    }
    try (Scope _ = Scope.open()) {
      // 0 times anything finite is 0; 0 times infinity or NaN is NaN, and stays so in a sum.
      return Grad.off(() -> p.grad().mul(0).sum()).item() == 0;
    }
  }

  /** What {@link #load} needs to go on: {@code scale} and {@code growth_tracker}. */
  public Map<String, Tensor> state() {
    return Map.of("scale", Tensor.scalar(scale), "growth_tracker", Tensor.of(good));
  }

  /**
   * Takes over a {@link #state}.
   *
   * @throws IllegalArgumentException if it does not fit
   */
  public void load(Map<String, Tensor> state) {
    Map<String, Tensor> own = state();
    State.load("loss scaler", own, state);
    scale = requireScale(State.get(own, "scale").item());
    good = State.get(own, "growth_tracker").toLongs()[0];
  }
}
