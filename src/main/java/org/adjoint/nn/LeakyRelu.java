package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x, times {@code slope} where it is negative (Maas, Hannun, Ng, Rectifier nonlinearities improve
 * neural network acoustic models, 2013).
 */
public record LeakyRelu(double slope) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    return x.leakyRelu(slope);
  }

  @Override
  public String toString() {
    return "LeakyRelu(" + slope + ")";
  }
}
