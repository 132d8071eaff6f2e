package org.adjoint.data;

import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.op.Eigh;
import org.adjoint.op.Svd;

/**
 * Principal components: the directions in which N points of D coordinates vary most (Pearson, On
 * lines and planes of closest fit, 1901; Hotelling, 1933).
 *
 * <p>Of each direction and its opposite, that one is taken whose largest coordinate is positive.
 *
 * @param mean [D]
 * @param components [k, D], orthonormal rows, the direction of the largest variance first
 * @param variances [k], of the points along each component, with N − 1 in the denominator
 */
public record Pca(Tensor mean, Tensor components, Tensor variances) {
  /**
   * The first {@code k} components of the rows of {@code x} [N, D]; nothing flows back to x.
   *
   * <p>Where points are many, they come from the covariance matrix, whose rounding drowns variances
   * below about 2⁻²⁴ (for F32) of the largest; where coordinates are, from a singular value
   * decomposition, which is good to the square of that.
   *
   * @throws IllegalArgumentException for fewer than two points, or more components than min(N, D)
   */
  public static Pca fit(Tensor x, int k) {
    if (x.rank() != 2 || x.size(0) < 2 || k < 1 || k > Math.min(x.size(0), x.size(1))) {
      throw new IllegalArgumentException(
          "pca: "
              + k
              + " components of "
              + x.shape()
              + "; it must be [N, D] with at least two points, and no size below the number of"
              + " components");
    }
    try (Scope fitting = Scope.open()) {
      return Grad.off(() -> {
        Tensor mean = x.mean(0);
        Tensor centred = x.sub(mean);
        double freedom = x.size(0) - 1;
        Tensor vectors; // [D, ≥ k]
        Tensor variances;
        if (x.size(0) >= x.size(1)) {
          Eigh.Result eigen = Eigh.of(centred.t().matmul(centred).div(freedom));
          vectors = eigen.vectors();
          variances = eigen.values().relu(); // what rounding made negative is 0
        } else {
          Svd.Result svd = Svd.of(centred);
          vectors = svd.v();
          variances = svd.s().pow(2).div(freedom);
        }
        return new Pca(
            fitting.keep(mean),
            fitting.keep(vectors.slice(1, 0, k).t().contiguous()),
            fitting.keep(variances.slice(0, 0, k).contiguous()));
      });
    }
  }

  /** The same on {@code device}; to {@link #fit} takes the CPU. */
  public Pca to(Device device) {
    return new Pca(mean.to(device), components.to(device), variances.to(device));
  }

  /** The coordinates of the rows of x [N, D] along the components, [N, k]. */
  public Tensor transform(Tensor x) {
    return x.sub(mean).matmul(components.t());
  }

  /** The points [N, D] that have these coordinates [N, k]: of all such, the nearest to the mean. */
  public Tensor inverse(Tensor coordinates) {
    return coordinates.matmul(components).add(mean);
  }
}
