package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * The pooled values back in the places that {@link MaxPool#picked} took them from, among zeros.
 * Where windows overlapped, several values may meet in one place: it gets their mean, which is the
 * value itself as long as they are still equal, as the maxima were. A composition.
 *
 * <p>Source: Zeiler and Fergus, <i>Visualizing and understanding convolutional networks</i>, 2014,
 * whose switches the indices are.
 */
public final class MaxUnpool {
  private MaxUnpool() {}

  /**
   * Values among zeros, [N, C, sizes…].
   *
   * @param x [N, C, O…]
   * @param indices I64 of x's shape, flat indices into a plane of {@code sizes}
   * @param sizes the spatial sizes before pooling
   */
  public static Tensor of(Tensor x, Tensor indices, long... sizes) {
    if (x.rank() != sizes.length + 2 || !x.shape().equals(indices.shape())) {
      throw new IllegalArgumentException(
          "max_unpool: %s and indices %s must both be [N, C, %d spatial]"
              .formatted(x.shape(), indices.shape(), sizes.length));
    }
    Shape plane = Shape.of(sizes);
    Gather.ScatterAdd scatter = new Gather.ScatterAdd(2, plane.count());
    Tensor places = indices.flatten(2);
    Tensor values = x.flatten(2);
    Tensor meeting = scatter.apply(Tensor.ones(values.meta()), places);
    return scatter
        .apply(values, places)
        .div(meeting.clamp(1, Double.POSITIVE_INFINITY))
        .reshape(x.shape().slice(0, 2).concat(plane).toArray());
  }

  static OpSpec spec() {
    return OpSpec.composition("max_unpool")
        .formula("y[n, c, index[n, c, o]] = x[n, c, o], 0 elsewhere; a mean where several meet")
        .gradient("dx[n, c, o] = dy[n, c, index[n, c, o]] / number that meet there")
        .example("to 9", t -> of(t[0], t[1], 9), Draw.normal(2, 2, 4), Draw.index(9, 2, 2, 4))
        .example(
            "to 3 × 4",
            t -> of(t[0], t[1], 3, 4),
            Draw.normal(2, 1, 2, 3),
            Draw.index(12, 2, 1, 2, 3))
        .example("to 128", t -> of(t[0], t[1], 128), Draw.normal(1, 1, 5), Draw.index(128, 1, 1, 5))
        .rejects(
            () -> of(Tensor.zeros(1, 1, 2), Tensor.arange(2), 4),
            "max_unpool: [1, 1, 2] and indices [2] must both be [N, C, 1 spatial]")
        .rejects(
            () -> of(Tensor.zeros(1, 1, 2), Tensor.of(3L, 4L).reshape(1, 1, 2), 4),
            "gather.scatter_add: index 4 at element 1 lies outside 0 to 3")
        .build();
  }
}
