package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.op.GruCell;

/** Layers of {@link GruCell}; the weights' rows are those of r, z and n, in this order. */
public final class Gru extends Recurrent {
  /** One layer, in one direction. */
  public Gru(long input, int hidden, Philox random) {
    this(input, hidden, 1, false, random);
  }

  /** Layers, perhaps in both directions. */
  public Gru(long input, int hidden, int layers, boolean bidirectional, Philox random) {
    super(new GruCell(), input, hidden, layers, bidirectional, random);
  }

  /** From now on takes inputs, and gives outputs, with the batch first: [B, T, ..]. */
  public Gru batchFirst() {
    setBatchFirst();
    return this;
  }

  /**
   * From now on drops elements of what each layer hands to the next one, in training, as {@link
   * Dropout} does (Zaremba, Sutskever and Vinyals, Recurrent neural network regularization, 2014).
   *
   * @throws IllegalArgumentException if p is not in [0, 1], or there is only one layer
   */
  public Gru dropout(double p, Philox random) {
    setDropout(p, random);
    return this;
  }
}
