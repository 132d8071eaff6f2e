package org.adjoint.bench.kernels;

import static org.adjoint.bench.kernels.Family.call;

import java.util.Set;
import org.adjoint.Shape;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Elementwise;
import org.adjoint.op.Draw;
import org.adjoint.op.Dropout;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.adjoint.optim.StepOp;

/** Functions of elements, from the catalog alone; dropout; and steps of optimisers. */
final class ElementCases {
  /** GPT-2's activations: 8 × 1,024 × 768. */
  private static final String USUAL = "6291456";

  /** Those that are timed in more ways, standing for the rest. */
  private static final Set<String> MORE = Set.of("add", "mul", "relu", "exp", "tanh");

  private ElementCases() {}

  static Family elementwise() {
    Family family = new Family("elementwise");
    for (OpSpec spec : OpCatalog.all()) {
      OpSpec.Example example = Cases.largest(spec);
      Op op = example == null ? null : example.op();
      if (example == null || op == null || !(op instanceof Elementwise)) {
        continue;
      }
      String[] shapes =
          MORE.contains(spec.name())
              ? new String[] {USUAL, USUAL + ":BF16", USUAL + ":F64", "1000003"}
              : new String[] {USUAL};
      family.add(
          spec,
          "=elements",
          n ->
              call(
                  op,
                  example.inputs().stream()
                      .map(draw -> new Draw(draw.kind(), Shape.of(n), draw.limit()))
                      .toArray(Draw[]::new)),
          shapes);
    }
    return family;
  }

  static Family dropout() {
    return new Family("dropout")
        .add(
            "dropout",
            "*rows =columns",
            n -> call(new Dropout(0.1, 1, 0), Draw.normal(n)),
            "8192x768",
            "8192x768:BF16",
            "4095x1023");
  }

  /** The parameters of LeNet, and those of a block of GPT-2. */
  static Family optimisers() {
    Family family = new Family("optimisers");
    String lenet = "150x6x2400x16x48000x120x10080x84x840x10";
    String block = "768x768x1769472x2304x589824x768x768x768x2359296x3072x2359296x768";
    for (StepOp step : StepOp.all()) {
      family.add(step.spec(), "parameters", n -> call(step, step.draws(n)), lenet, block);
    }
    return family;
  }
}
