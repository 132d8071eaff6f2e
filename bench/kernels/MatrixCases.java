package org.adjoint.bench.kernels;

import static org.adjoint.bench.kernels.Family.call;
import static org.adjoint.bench.kernels.Family.example;
import static org.adjoint.op.Draw.normal;
import static org.adjoint.op.Draw.unit;
import static org.adjoint.op.Draw.weight;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.adjoint.autograd.Op;
import org.adjoint.op.Draw;
import org.adjoint.op.GatedCell;
import org.adjoint.op.GruCell;
import org.adjoint.op.LstmCell;
import org.adjoint.op.MatMul;
import org.adjoint.op.Unrolled;
import org.adjoint.op.UnrolledGradient;

/** Products of matrices, and what is made of them. */
final class MatrixCases {
  private MatrixCases() {}

  static Family matmul() {
    return new Family("matmul")
        .add(
            "matmul",
            "M K N",
            n -> call(new MatMul(), normal(n[0], n[1]), normal(n[1], n[2])),
            "4096x4096x4096",
            "4096x4096x4096:BF16",
            "2048x2048x2048:F64",
            "8192x768x3072",
            "8192x768x3072:BF16",
            "64x400x120",
            "1023x1025x1027")
        .add(
            "matmul",
            "*batch M K N",
            n -> call(new MatMul(), normal(n[0], n[1], n[2]), normal(n[0], n[2], n[3])),
            "96x1024x64x1024");
  }

  /** Causal, as GPT-2's; and not. */
  static Family attention() {
    String[] shapes = {"96x1024x64", "32x1024x128", "96x1024x64:BF16", "32x1024x128:BF16"};
    Family family = new Family("attention");
    for (int causal = 0; causal < 2; causal++) {
      Op forward = example("fused_attention", causal);
      // Of the gradient's examples the second is one without queries.
      Op backward = example("fused_attention_gradient", 2 * causal);
      family
          .add(
              "fused_attention",
              "*heads T =D",
              n -> call(forward, unit(n), unit(n), normal(n)),
              shapes)
          .add(
              "fused_attention_gradient",
              "*heads T =D",
              n ->
                  call(
                      backward,
                      unit(n),
                      unit(n),
                      normal(n),
                      normal(n),
                      Draw.positive(n[0], n[1]),
                      normal(n)),
              shapes);
    }
    return family;
  }

  static Family recurrent() {
    Family family = new Family("recurrent");
    String[] shapes = {"128x64x256", "64x64x512", "32x64x1024", "128x64x256:BF16"};
    for (GatedCell cell : List.of(new LstmCell(), new GruCell())) {
      family
          .add("unrolled", "*T>=4 B =H", n -> forward(cell, n[0], n[1], n[2]), shapes)
          .add("unrolled_gradient", "*T>=4 B =H", n -> backward(cell, n[0], n[1], n[2]), shapes);
    }
    return family;
  }

  private static Unrolled unrolled(GatedCell cell, long steps, long batch) {
    return new Unrolled(cell, Collections.nCopies(Math.toIntExact(steps), batch), false);
  }

  private static Template.Call forward(GatedCell cell, long steps, long batch, long hidden) {
    List<Draw> draws = new ArrayList<>();
    draws.add(normal(steps * batch, cell.gates() * hidden));
    draws.add(normal(cell.gates() * hidden));
    // Small, or each step would make the rounding of the one before it larger.
    draws.add(weight(cell.gates() * hidden, hidden));
    for (int s = 0; s < cell.states(); s++) {
      draws.add(unit(batch, hidden));
    }
    return call(unrolled(cell, steps, batch), draws.toArray(Draw[]::new));
  }

  private static Template.Call backward(GatedCell cell, long steps, long batch, long hidden) {
    List<Draw> draws = new ArrayList<>();
    draws.add(weight(cell.gates() * hidden, hidden));
    draws.add(unit(steps * batch, cell.kept() * hidden));
    for (int i = 0; i <= cell.states(); i++) {
      draws.add(normal(steps * batch, hidden));
    }
    return call(
        new UnrolledGradient(unrolled(cell, steps, batch), batch), draws.toArray(Draw[]::new));
  }
}
