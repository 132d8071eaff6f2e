package org.adjoint.samples;

import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Two functions: f writes an image as d numbers, g draws an image from such numbers. As a layer it
 * is g(f(x)), which cannot be x where d is small.
 */
interface Autoencoder extends Layer {
  /** How many images are looked at at once where none is learned from. */
  int BATCH = 500;

  /** f: images [N, 1, 28, 28] to codes [N, d]. */
  Tensor encode(Tensor images);

  /** g: codes [N, d] to images [N, 1, 28, 28]. */
  Tensor decode(Tensor codes);

  @Override
  default Tensor forward(Tensor x) {
    return decode(encode(x));
  }

  /** L = 1/N Σ‖x − g(f(x))‖², a scalar: squares are summed over pixels, not averaged. */
  default Tensor loss(Tensor x) {
    Tensor lost = x.sub(forward(x));
    return lost.mul(lost).sum().div((double) x.size(0));
  }

  /** The loss on many images, a batch at a time. */
  default double error(Tensor images) {
    long n = images.size(0);
    double sum = 0;
    for (long from = 0; from < n; from += BATCH) {
      Tensor some = images.slice(0, from, Math.min(n, from + BATCH));
      try (Scope _ = Scope.open()) {
        sum += Grad.off(() -> loss(some)).item() * some.size(0);
      }
    }
    return sum / n;
  }
}
