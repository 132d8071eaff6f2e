package org.adjoint.op;

import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Tensor;

/**
 * Which elements are not 0: how many, whether any, whether all, and where. NaN is not 0. No
 * gradient. Compositions, but for {@link #places}, which reads the elements.
 */
public final class NonZero {
  private NonZero() {}

  /** Number of elements along {@code axes}, which are dropped, that are not 0; I64. */
  public static Tensor count(Tensor x, int... axes) {
    return ones(x).sum(axes);
  }

  /** Whether an element along {@code axis}, which is dropped, is not 0; false of none. BOOL. */
  public static Tensor any(Tensor x, int axis) {
    return ones(x).sum(axis).to(DType.BOOL);
  }

  /** Whether all elements along {@code axis}, which is dropped, are not 0; true of none. BOOL. */
  public static Tensor all(Tensor x, int axis) {
    return Prod.of(ones(x), axis).to(DType.BOOL);
  }

  /** The row-major positions, in rising order, of the elements that are not 0; I64, a vector. */
  public static Tensor places(Tensor x) {
    long[] ones = ones(x).toLongs();
    long[] places =
        IntStream.range(0, ones.length).filter(i -> ones[i] != 0).asLongStream().toArray();
    return Tensor.of(places).to(x.device());
  }

  private static Tensor ones(Tensor x) {
    return x.to(DType.BOOL).to(DType.I64);
  }

  static OpSpec spec() {
    return OpSpec.composition("non_zero")
        .formula("count: Σ [x ≠ 0]; any: whether it is above 0; all: whether it is n")
        .gradient("none: the result is an integer")
        .example("count", t -> count(t[0], 1), Draw.index(2, 3, 4))
        .example("count", t -> count(t[0], 0, 1), Draw.normal(127, 2))
        .example("any", t -> any(t[0], 1), Draw.index(2, 5, 2))
        .example("any of none", t -> any(t[0], 0), Draw.index(2, 0, 2))
        .example("all", t -> all(t[0], -1), Draw.index(2, 5, 2))
        .example("all of none", t -> all(t[0], 0), Draw.index(2, 0, 2))
        .example("places", t -> places(t[0]), Draw.index(2, 3, 43))
        .rejects(() -> any(Tensor.zeros(2), 1), "sum: [2] has no axis 1; axes run from -1 to 0")
        .build();
  }
}
