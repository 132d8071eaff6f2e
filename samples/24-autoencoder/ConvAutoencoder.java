package org.adjoint.samples;

import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.nn.Conv;
import org.adjoint.nn.ConvTranspose;
import org.adjoint.nn.Flatten;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.op.Sliding;

/**
 * f halves an image's sides twice by convolutions, and goes on to d numbers by two linear layers; g
 * is its mirror image, with transposed convolutions that double the sides.
 */
final class ConvAutoencoder implements Autoencoder {
  private static final int[] WINDOW = {4, 4};
  private static final Sliding HALVING = Sliding.over(2).withStride(2).withPadding(1);
  private static final int CHANNELS = 32;
  private static final int SIDE = 7;
  private static final int HIDDEN = 128;

  private final Sequential encoder;
  private final Sequential decoder;

  /** With codes of d numbers and random weights. */
  ConvAutoencoder(int d, Philox random) {
    int half = CHANNELS / 2;
    int cells = CHANNELS * SIDE * SIDE;
    encoder =
        new Sequential(
            new Conv(1, half, WINDOW, HALVING, 1, random), // [N, 1, 28, 28] → [N, 16, 14, 14]
            new Relu(),
            new Conv(half, CHANNELS, WINDOW, HALVING, 1, random), // → [N, 32, 7, 7]
            new Relu(),
            new Flatten(), // → [N, 1568]
            new Linear(cells, HIDDEN, random),
            new Relu(),
            new Linear(HIDDEN, d, random));
    decoder =
        new Sequential(
            new Linear(d, HIDDEN, random),
            new Relu(),
            new Linear(HIDDEN, cells, random),
            new Relu(),
            x -> x.reshape(x.size(0), CHANNELS, SIDE, SIDE), // [N, 1568] → [N, 32, 7, 7]
            new ConvTranspose(CHANNELS, half, WINDOW, HALVING, 0, 1, random), // → [N, 16, 14, 14]
            new Relu(),
            new ConvTranspose(half, 1, WINDOW, HALVING, 0, 1, random)); // → [N, 1, 28, 28]
  }

  @Override
  public Tensor encode(Tensor images) {
    return encoder.forward(images);
  }

  @Override
  public Tensor decode(Tensor codes) {
    return decoder.forward(codes);
  }
}
