package org.adjoint.samples;

import java.util.function.Supplier;
import org.adjoint.Grad;
import org.adjoint.Tensor;

/** Slopes of a loss by central differences, for lessons that check a gradient. */
final class Slopes {
  /** Near the cube root of F64's rounding error, where both errors of the slope are small. */
  private static final double EPSILON = 1e-5;

  private Slopes() {}

  /**
   * The largest difference between a gradient and the slope along each element of {@code leaf}, as
   * a share of the largest slope.
   *
   * @param leaf F64; its elements are moved, and put back
   */
  static double difference(Supplier<Tensor> loss, Tensor leaf, Tensor gradient) {
    double[] at = leaf.toDoubles();
    double[] slopes = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      double middle = at[i];
      at[i] = middle + EPSILON;
      double above = lossAt(at, leaf, loss);
      at[i] = middle - EPSILON;
      double below = lossAt(at, leaf, loss);
      at[i] = middle;
      slopes[i] = (above - below) / (2 * EPSILON);
    }
    leaf.assign(Tensor.of(leaf.shape(), at).to(leaf.device()));
    return difference(gradient.toDoubles(), slopes);
  }

  private static double lossAt(double[] elements, Tensor leaf, Supplier<Tensor> loss) {
    leaf.assign(Tensor.of(leaf.shape(), elements).to(leaf.device()));
    return Grad.off(loss).item();
  }

  /** The largest difference as a share of the largest element of {@code b}. */
  static double difference(double[] a, double[] b) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < a.length; i++) {
      difference = Math.max(difference, Math.abs(a[i] - b[i]));
      size = Math.max(size, Math.abs(b[i]));
    }
    return difference / size;
  }
}
