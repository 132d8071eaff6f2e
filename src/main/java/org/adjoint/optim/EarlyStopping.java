package org.adjoint.optim;

/**
 * Says when to stop: after {@code patience} observations in a row without a loss below the best by
 * more than {@code margin} (Prechelt, Early stopping, but when?, 1998).
 *
 * <pre>{@code
 * var stopping = new EarlyStopping(5, 0);
 * while (!stopping.isOver()) {
 *   …
 *   if (stopping.observe(validationLoss)) {
 *     best = State.copy(model.state());
 *   }
 * }
 * model.load(best);
 * }</pre>
 */
public final class EarlyStopping {
  private final int patience;
  private final double margin;
  private double best = Double.POSITIVE_INFINITY;
  private int bad;

  /**
   * @throws IllegalArgumentException if the patience is less than 1 or the margin negative
   */
  public EarlyStopping(int patience, double margin) {
    if (patience < 1 || !(margin >= 0)) {
      throw new IllegalArgumentException(
          "early stopping: patience "
              + patience
              + " must be at least 1, margin "
              + margin
              + " at least 0");
    }
    this.patience = patience;
    this.margin = margin;
  }

  /** Takes note of a loss; true if it is the best so far. NaN never is. */
  public boolean observe(double loss) {
    boolean better = loss < best - margin;
    bad = better ? 0 : bad + 1;
    best = better ? loss : best;
    return better;
  }

  /** Whether the patience is at its end. */
  public boolean isOver() {
    return bad >= patience;
  }

  /** The best loss so far; infinite before the first. */
  public double best() {
    return best;
  }
}
