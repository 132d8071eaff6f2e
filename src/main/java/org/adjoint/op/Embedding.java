package org.adjoint.op;

import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * y[i, …] = table[index[i]]: the rows of a table that an index of any shape names. A composition.
 */
public final class Embedding {
  private Embedding() {}

  /**
   * Rows of {@code table}, of index's shape and then a row's.
   *
   * @param table [V, D…]
   * @param index I64 or I32 of any shape, from 0 to V − 1
   */
  public static Tensor of(Tensor table, Tensor index) {
    if (table.rank() < 1) {
      throw new IllegalArgumentException("embedding: a table [] has no rows");
    }
    Shape row = table.shape().slice(1, table.rank());
    return table.indexSelect(0, index.flatten(0)).reshape(index.shape().concat(row).toArray());
  }

  /** As above, but no gradient goes to row {@code padding}, which so keeps its value. */
  public static Tensor of(Tensor table, Tensor index, long padding) {
    Tensor rows = of(table, index);
    Tensor others = index.ne((double) padding);
    while (others.rank() < rows.rank()) {
      others = others.unsqueeze(others.rank());
    }
    return Where.of(others, rows, rows.detach());
  }

  static OpSpec spec() {
    return OpSpec.composition("embedding")
        .formula("y[i, …] = table[index[i]]")
        .gradient("dtable[index[i]] += dy[i, …], but for the row of the padding")
        .example("words", t -> of(t[0], t[1]), Draw.normal(5, 3), Draw.index(5, 2, 4))
        .example("one", t -> of(t[0], t[1]), Draw.normal(4, 2), Draw.index(4))
        .example("matrices", t -> of(t[0], t[1]), Draw.normal(3, 2, 2), Draw.index(3, 129))
        .example("none", t -> of(t[0], t[1]), Draw.normal(3, 2), Draw.index(3, 0, 2))
        .example(
            "padding elsewhere", t -> of(t[0], t[1], 4), Draw.normal(5, 3), Draw.index(4, 2, 3))
        .rejects(
            () -> of(Tensor.zeros(3, 2), Tensor.of(0L, 3L)),
            "index_select: index 3 at element 1 lies outside 0 to 2")
        .rejects(
            () -> of(Tensor.zeros(3, 2), Tensor.zeros(2)),
            "index_select: the index is F32; convert it with to(DType.I64)")
        .rejects(() -> of(Tensor.zeros(), Tensor.of(0L)), "embedding: a table [] has no rows")
        .build();
  }
}
