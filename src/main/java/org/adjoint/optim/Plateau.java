package org.adjoint.optim;

import java.util.Map;
import org.adjoint.Tensor;
import org.adjoint.nn.State;

/**
 * Lowers the rate of an optimiser when the loss no longer falls: after more than {@code patience}
 * observations in a row that are not at least 0.01 % below the best, it is multiplied by {@code
 * factor}. (For a measure that should grow, observe its negative.)
 */
public final class Plateau {
  private static final double THRESHOLD = 1e-4;

  private final Optimizer optimizer;
  private final double factor;
  private final int patience;
  private double best = Double.POSITIVE_INFINITY;
  private long bad;

  /**
   * As PyTorch's ReduceLROnPlateau, with its threshold.
   *
   * @throws IllegalArgumentException if the factor is not in (0, 1) or the patience is negative
   */
  public Plateau(Optimizer optimizer, double factor, int patience) {
    if (!(factor > 0 && factor < 1) || patience < 0) {
      throw new IllegalArgumentException(
          "plateau: factor " + factor + " must be in (0, 1), patience " + patience + " at least 0");
    }
    this.optimizer = optimizer;
    this.factor = factor;
    this.patience = patience;
  }

  /** Takes note of a loss, usually that of an epoch on held-out data; NaN is no improvement. */
  public void observe(double loss) {
    // The margin is a share of the loss's size, so that falling below 0 works as well.
    boolean better =
        best == Double.POSITIVE_INFINITY ? loss < best : loss < best - Math.abs(best) * THRESHOLD;
    if (better) {
      best = loss;
      bad = 0;
    } else if (++bad > patience) {
      optimizer.rate(optimizer.rate() * factor);
      bad = 0;
    }
  }

  /** What {@link #load} needs to go on: {@code best} and {@code num_bad_epochs}. */
  public Map<String, Tensor> state() {
    return Map.of("best", Tensor.scalar(best), "num_bad_epochs", Tensor.of(bad));
  }

  /**
   * Takes over a {@link #state}.
   *
   * @throws IllegalArgumentException if it does not fit
   */
  public void load(Map<String, Tensor> state) {
    Map<String, Tensor> own = state();
    State.load("plateau", own, state);
    best = State.get(own, "best").item();
    bad = State.get(own, "num_bad_epochs").toLongs()[0];
  }
}
