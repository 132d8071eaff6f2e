package org.adjoint.nn;

import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.op.LstmCell;
import org.adjoint.op.RecurrentCell.Weights;

/** Layers of {@link LstmCell}; the weights' rows are those of i, f, g and o, in this order. */
public final class Lstm extends Recurrent {
  /** One layer, in one direction. */
  public Lstm(long input, int hidden, Philox random) {
    this(input, hidden, 1, false, random);
  }

  /** Layers, perhaps in both directions. */
  public Lstm(long input, int hidden, int layers, boolean bidirectional, Philox random) {
    super(new LstmCell(), input, hidden, layers, bidirectional, random);
  }

  /** From now on takes inputs, and gives outputs, with the batch first: [B, T, ..]. */
  public Lstm batchFirst() {
    setBatchFirst();
    return this;
  }

  /**
   * From now on drops elements of what each layer hands to the next one, in training, as {@link
   * Dropout} does (Zaremba, Sutskever and Vinyals, Recurrent neural network regularization, 2014).
   *
   * @throws IllegalArgumentException if p is not in [0, 1], or there is only one layer
   */
  public Lstm dropout(double p, Philox random) {
    setDropout(p, random);
    return this;
  }

  /**
   * Lets all forget gates begin with a bias of {@code value} in sum; with 1 or more they begin by
   * remembering (Jozefowicz, Zaremba and Sutskever, An empirical exploration of recurrent network
   * architectures, 2015).
   */
  public Lstm forgetBias(double value) {
    for (Weights w : weights()) {
      setForget(w.biasIh(), value);
      setForget(w.biasHh(), 0);
    }
    return this;
  }

  private void setForget(Tensor bias, double value) {
    try (Tensor all = bias.detach();
        Tensor forget = all.slice(0, hidden(), 2L * hidden())) {
      Meta meta = forget.meta();
      try (Tensor filled = Tensor.full(meta, value)) {
        forget.assign(filled);
      }
    }
  }
}
