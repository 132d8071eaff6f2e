package org.adjoint.samples;

import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.data.Mnist;
import org.adjoint.nn.Init;
import org.adjoint.nn.Linear;

/**
 * f(x) = A·(x − m) + a and g(z) = B·z + b + m, with m the mean of the training set. Where its loss
 * is least, B's columns span the first d principal components, though they need be neither
 * orthogonal nor in their order, and every other place of slope zero is a saddle (Baldi, Hornik,
 * Neural networks and principal component analysis: learning from examples without local minima,
 * 1989).
 */
final class LinearAutoencoder implements Autoencoder {
  private final Tensor mean; // [784], a buffer
  private final Linear encoder;
  private final Linear decoder;

  /** With {@code mean} [784] of the images and random weights. */
  LinearAutoencoder(Tensor mean, int d, Philox random) {
    this.mean = mean;
    encoder = new Linear(Mnist.PIXELS, d, random);
    decoder = new Linear(d, Mnist.PIXELS, random);
    // A layer's own ±1/√d would draw noise at first, as strong as ink where d is small.
    Init.xavierUniform(decoder.weight(), 1, random);
    Init.constant(decoder.bias(), 0);
  }

  @Override
  public Tensor encode(Tensor images) {
    return encoder.forward(images.flatten(1).sub(mean));
  }

  @Override
  public Tensor decode(Tensor codes) {
    Tensor pixels = decoder.forward(codes).add(mean);
    return pixels.reshape(codes.size(0), 1, Mnist.SIDE, Mnist.SIDE);
  }
}
