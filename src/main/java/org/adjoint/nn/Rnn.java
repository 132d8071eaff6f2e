package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.op.RnnCell;

/** Layers of {@link RnnCell}: h_t = tanh(x_t·W_ihᵀ + b_ih + h_{t−1}·W_hhᵀ + b_hh). */
public final class Rnn extends Recurrent {
  /** One layer by tanh, in one direction. */
  public Rnn(long input, int hidden, Philox random) {
    this(input, hidden, 1, false, false, random);
  }

  /** Layers, perhaps in both directions, by tanh or, if {@code relu}, by max(·, 0). */
  public Rnn(
      long input, int hidden, int layers, boolean bidirectional, boolean relu, Philox random) {
    super(new RnnCell(relu), input, hidden, layers, bidirectional, random);
  }

  /** From now on takes inputs, and gives outputs, with the batch first: [B, T, ..]. */
  public Rnn batchFirst() {
    setBatchFirst();
    return this;
  }

  /**
   * From now on drops elements of what each layer hands to the next one, in training, as {@link
   * Dropout} does (Zaremba, Sutskever and Vinyals, Recurrent neural network regularization, 2014).
   *
   * @throws IllegalArgumentException if p is not in [0, 1], or there is only one layer
   */
  public Rnn dropout(double p, Philox random) {
    setDropout(p, random);
    return this;
  }
}
