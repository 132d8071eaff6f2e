package org.adjoint.nn;

import org.adjoint.Tensor;

/**
 * x + f(x), where f keeps the shape (He, Zhang, Ren, Sun, Deep residual learning for image
 * recognition, 2016, eq. 1).
 */
public record Residual(Layer f) implements Layer {
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = f.forward(x);
    if (!y.shape().equals(x.shape())) {
      throw new IllegalArgumentException(
          "residual: f makes " + y.shape() + " of " + x.shape() + "; it must keep the shape");
    }
    return x.add(y);
  }
}
