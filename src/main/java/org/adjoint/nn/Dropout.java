package org.adjoint.nn;

import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.Live;

/**
 * In training, elements dropped with probability p and the others divided by 1 − p; in use, x as it
 * is (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout, 2014, in the form that
 * scales while training).
 *
 * <p>Each call draws a seed for its mask from the generator, so a training that goes on after a
 * pause needs the generator's {@link Philox#position} and nothing else.
 */
public final class Dropout implements Layer {
  private final double p;
  private final Philox random;
  private boolean training = true;

  /**
   * @throws IllegalArgumentException if p is not in [0, 1]
   */
  public Dropout(double p, Philox random) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout: p " + p + " must be in [0, 1]");
    }
    this.p = p;
    this.random = random;
  }

  @Override
  public Tensor forward(Tensor x) {
    return training ? org.adjoint.op.Dropout.of(x, p, Live.next(random::nextLong), 0) : x;
  }

  @Override
  public void train(boolean on) {
    training = on;
  }

  @Override
  public String toString() {
    return "Dropout(" + p + ")";
  }
}
