package org.adjoint.op;

import org.adjoint.Meta;
import org.adjoint.Tensor;

/** y[…, c] = [index[…] = c], I64. A composition: ones scattered into zeros; no gradient. */
public final class OneHot {
  private OneHot() {}

  /**
   * One-hot rows.
   *
   * @param index [..], from 0 to classes − 1, I64 or I32
   * @param classes C, the length of each row
   * @return [.., C] of index's dtype
   */
  public static Tensor of(Tensor index, long classes) {
    if (!index.dtype().isIndex() || classes < 0) {
      throw new IllegalArgumentException(
          "one_hot: an index of "
              + index.dtype()
              + " and "
              + classes
              + " classes; give I64 or I32, and at least 0 classes");
    }
    Tensor column = index.unsqueeze(-1);
    Meta ones = column.meta();
    return new Gather.ScatterAdd(-1, classes).apply(Tensor.ones(ones), column);
  }

  static OpSpec spec() {
    return OpSpec.composition("one_hot")
        .formula("y[…, c] = 1 where index[…] = c, else 0")
        .gradient("none: the input is an integer")
        .example("vector", t -> t[0].oneHot(5), Draw.index(5, 3))
        .example("matrix", t -> t[0].oneHot(129), Draw.index(129, 2, 3))
        .example("scalar", t -> t[0].oneHot(2), Draw.index(2))
        .example("nothing", t -> t[0].oneHot(4), Draw.index(1, 0))
        .rejects(
            () -> Tensor.of(1L, 3L).oneHot(3),
            "gather.scatter_add: index 3 at element 1 lies outside 0 to 2")
        .rejects(
            () -> Tensor.zeros(2).oneHot(3),
            "one_hot: an index of F32 and 3 classes; give I64 or I32, and at least 0 classes")
        .build();
  }
}
