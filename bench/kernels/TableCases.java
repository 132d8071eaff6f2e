package org.adjoint.bench.kernels;

import static org.adjoint.bench.kernels.Family.call;
import static org.adjoint.op.Draw.index;
import static org.adjoint.op.Draw.normal;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.op.Cast;
import org.adjoint.op.Concat;
import org.adjoint.op.Copy;
import org.adjoint.op.Gather;
import org.adjoint.op.IndexSelect;
import org.adjoint.op.Pieces;
import org.adjoint.op.Scatter;
import org.adjoint.op.Slice;

/** What is taken from tables, and moved about. */
final class TableCases {
  private static final String ROWS = "*rows =columns";

  private TableCases() {}

  /** GPT-2's table of words: 8 × 1,024 of 50,257, of 768 each. */
  static Family embedding() {
    String[] words = {"8192x50257x768", "8192x50257x768:BF16", "8191x1000x63", "16x1000x768"};
    String[] few = {"8192x1024x64"};
    return new Family("embedding")
        .add(
            "index_select",
            "*tokens *words =width",
            n -> call(new IndexSelect(0), normal(n[1], n[2]), index(n[1], n[0])),
            words)
        .add(
            "index_select.add",
            "*tokens *words =width",
            n -> call(new IndexSelect.Add(0, n[1]), normal(n[0], n[2]), index(n[1], n[0])),
            words)
        .add(
            "gather",
            "*rows columns =taken",
            n -> call(new Gather(1), normal(n[0], n[1]), index(n[1], n[0], n[2])),
            few)
        .add(
            "gather",
            "taken columns",
            n -> call(new Gather(0), normal(n[1]), index(n[1], n[0])),
            "65536x50257")
        .add(
            "gather.scatter_add",
            "*rows columns =taken",
            n -> call(new Gather.ScatterAdd(1, n[1]), normal(n[0], n[2]), index(n[1], n[0], n[2])),
            few)
        .add(
            "gather.scatter_add",
            "taken columns",
            n -> call(new Gather.ScatterAdd(0, n[1]), normal(n[0]), index(n[1], n[0])),
            "65536x50257")
        .add(
            "scatter",
            ROWS,
            n -> call(new Scatter(1), normal(n), index(n[1], n[0], 1), normal(n[0], 1)),
            "8192x1024");
  }

  static Family arrange() {
    String[] shapes = {"8192x768", "8192x768:BF16", "4095x1023"};
    return new Family("arrange")
        .add("copy", ROWS, n -> call(new Copy(), normal(n)), shapes)
        .add(Transposed.spec(), "rows columns", n -> call(new Transposed(), normal(n)), shapes)
        .add("cast", ROWS, n -> call(new Cast(DType.BF16), normal(n)), "8192x768")
        .add("cast", ROWS, n -> call(new Cast(DType.F32), normal(n)), "8192x768:BF16")
        .add("concat", ROWS, n -> call(new Concat(0), normal(n), normal(n)), shapes)
        .add("concat", ROWS, n -> call(new Concat(1), normal(n), normal(n)), shapes)
        .add(
            "pieces",
            ROWS,
            n -> call(new Pieces(1, List.of(n[1], n[1], n[1])), normal(n[0], 3 * n[1])),
            shapes)
        .add(
            "slice.embed",
            ROWS,
            n ->
                call(
                    new Slice.Embed(new Slice(1, 0, n[1], 1), Shape.of(n[0], 3 * n[1])), normal(n)),
            shapes);
  }
}
