package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * y[…, i] = x[…, i, …, i, …]: the elements whose indices along two axes are equal; the two go, and
 * the diagonal becomes the last axis. And the other way round. A composition: with both axes made
 * one, of rows of n, the diagonal is each (n + 1)-th element.
 */
public final class Diagonal {
  private Diagonal() {}

  /** The diagonal of {@code x} between the axes {@code a} and {@code b}. */
  public static Tensor of(Tensor x, int a, int b) {
    int first = x.shape().axis("diagonal", a);
    int second = x.shape().axis("diagonal", b);
    if (first == second) {
      throw new IllegalArgumentException(
          "diagonal: " + a + " and " + b + " are one axis of " + x.shape());
    }
    int[] order = new int[x.rank()];
    int to = 0;
    for (int axis = 0; axis < order.length; axis++) {
      if (axis != first && axis != second) {
        order[to++] = axis;
      }
    }
    order[to++] = first;
    order[to] = second;
    long rows = x.size(first);
    long columns = x.size(second);
    long length = Math.min(rows, columns);
    Tensor flat = x.permute(order).flatten(-2);
    return new Slice(flat.rank() - 1, 0, length, columns + 1).apply(flat);
  }

  /** Matrices [.., n, n] with the rows [.., n] of {@code x} as diagonals and zeros beside them. */
  public static Tensor embed(Tensor x) {
    int last = x.shape().axis("diagonal", -1);
    long n = x.size(last);
    Slice diagonal = new Slice(last, 0, n, n + 1);
    Tensor flat = new Slice.Embed(diagonal, x.shape().with(last, n * n)).apply(x);
    return flat.reshape(x.shape().insert(last, n).toArray());
  }

  static OpSpec spec() {
    return OpSpec.composition("diagonal")
        .formula("y[…, i] = x[…, i, …, i, …]; embed: y[…, i, j] = x[…, i] where i = j, else 0")
        .gradient("dx = dy in the diagonal, 0 beside it; embed: dx = the diagonal of dy")
        .example("square", t -> of(t[0], 0, 1), Draw.normal(3, 3))
        .example("wide", t -> of(t[0], 0, 1), Draw.normal(2, 129))
        .example("tall", t -> of(t[0], -1, -2), Draw.normal(127, 2))
        .example("around", t -> of(t[0], 2, 0), Draw.normal(3, 2, 3))
        .example("of nothing", t -> of(t[0], 0, 1), Draw.normal(0, 3))
        .example("of no columns", t -> of(t[0], 0, 1), Draw.normal(3, 0))
        .example("embed", t -> embed(t[0]), Draw.normal(3))
        .example("embed", t -> embed(t[0]), Draw.normal(2, 3))
        .example("embed nothing", t -> embed(t[0]), Draw.normal(2, 0))
        .rejects(() -> of(Tensor.zeros(3, 3), 1, -1), "diagonal: 1 and -1 are one axis of [3, 3]")
        .rejects(
            () -> of(Tensor.zeros(3), 0, 1), "diagonal: [3] has no axis 1; axes run from -1 to 0")
        .rejects(() -> embed(Tensor.zeros()), "diagonal: [] has no axis -1; it is a scalar")
        .build();
  }
}
