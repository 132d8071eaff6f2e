package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * Branches and loops. Which branch is taken and how often a loop runs is found out as the graph is
 * computed; gradients go back through what was computed.
 */
final class ControlOps {
  /** A file that asks for more is refused: a loop that never ends cannot be told from it. */
  private static final long MOST_ROUNDS = 100_000;

  private ControlOps() {}

  static void register(Operators table) {
    table.many("If", 0, 1, "else_branch then_branch", ControlOps::either);
    table.many("Loop", 0, -1, "body", ControlOps::loop);
    String scan =
        "body num_scan_inputs scan_input_axes scan_input_directions scan_output_axes"
            + " scan_output_directions";
    table.many("Scan", 9, -1, scan, ControlOps::scan);
  }

  private static Tensor[] either(Call c) {
    Block branch = c.body(truth(c, c.in(0)) ? "then_branch" : "else_branch");
    c.needs(branch.inputs() == 0, "a branch must not have inputs");
    return branch.compute(c.around(), List.of()).toArray(Tensor[]::new);
  }

  private static boolean truth(Call c, Tensor x) {
    c.needs(x.dtype() == DType.BOOL && x.shape().count() == 1, "a condition of " + x.shape());
    return x.to(DType.F64).toDoubles()[0] != 0;
  }

  /** The last values that go round, then those that each round adds to, joined by rounds. */
  private static Tensor[] loop(Call c) {
    Block body = c.body("body");
    long most = c.has(0) ? c.whole(0) : Long.MAX_VALUE;
    boolean on = !c.has(1) || truth(c, c.in(1));
    List<Tensor> round = new ArrayList<>();
    for (int i = 2; i < c.inputs().size(); i++) {
      round.add(c.in(i));
    }
    int states = round.size();
    c.needs(body.inputs() == states + 2, "the body must have " + (states + 2) + " inputs");
    List<List<Tensor>> rows = rows(c, states);
    for (long i = 0; i < most && on; i++) {
      c.supports(i < MOST_ROUNDS, "more than " + MOST_ROUNDS + " rounds");
      List<Tensor> inputs = new ArrayList<>(round);
      inputs.add(0, Tensor.of(Shape.SCALAR, i));
      inputs.add(1, Tensor.of(Shape.SCALAR, true));
      List<Tensor> made = body.compute(c.around(), inputs);
      c.needs(made.size() == 1 + states + rows.size(), "the body makes " + made.size() + " values");
      on = truth(c, made.get(0));
      round = made.subList(1, 1 + states);
      for (int k = 0; k < rows.size(); k++) {
        rows.get(k).add(made.get(1 + states + k));
      }
    }
    return outputs(c, round, rows, new int[rows.size()]);
  }

  private static List<List<Tensor>> rows(Call c, int states) {
    List<List<Tensor>> rows = new ArrayList<>();
    for (int i = states; i < c.node().outputs().size(); i++) {
      rows.add(new ArrayList<>());
    }
    return rows;
  }

  private static Tensor[] outputs(
      Call c, List<Tensor> states, List<List<Tensor>> rows, int... axes) {
    List<Tensor> all = new ArrayList<>(states);
    for (int k = 0; k < rows.size(); k++) {
      c.supports(!rows.get(k).isEmpty(), "rows of no round, whose shape nothing tells");
      int rank = rows.get(k).get(0).rank() + 1;
      all.add(Tensor.stack(c.axis(axes[k], rank), rows.get(k).toArray(Tensor[]::new)));
    }
    return all.toArray(Tensor[]::new);
  }

  /** As a loop over the slices of the last inputs. */
  private static Tensor[] scan(Call c) {
    Block body = c.body("body");
    int slices = Math.toIntExact(c.integer("num_scan_inputs", 0));
    int states = c.inputs().size() - slices;
    c.needs(slices > 0 && states >= 0 && body.inputs() == c.inputs().size(), "inputs do not fit");
    int[] axes = Sliders.each(c, "scan_input_axes", slices, 0);
    int[] directions = Sliders.each(c, "scan_input_directions", slices, 0);
    List<Tensor> scanned = new ArrayList<>();
    for (int k = 0; k < slices; k++) {
      Tensor x = c.in(states + k);
      axes[k] = c.axis(axes[k], x.rank());
      scanned.add(directions[k] == 0 ? x : x.flip(axes[k]));
    }
    List<Tensor> round = new ArrayList<>(c.all().subList(0, states));
    List<List<Tensor>> rows = rows(c, states);
    long rounds = scanned.get(0).size(axes[0]);
    for (long i = 0; i < rounds; i++) {
      List<Tensor> inputs = new ArrayList<>(round);
      for (int k = 0; k < slices; k++) {
        c.needs(scanned.get(k).size(axes[k]) == rounds, "inputs of different lengths");
        inputs.add(scanned.get(k).select(axes[k], i));
      }
      List<Tensor> made = body.compute(c.around(), inputs);
      c.needs(made.size() == states + rows.size(), "the body makes " + made.size() + " values");
      round = made.subList(0, states);
      for (int k = 0; k < rows.size(); k++) {
        rows.get(k).add(made.get(states + k));
      }
    }
    int[] back = Sliders.each(c, "scan_output_directions", rows.size(), 0);
    for (int k = 0; k < back.length; k++) {
      if (back[k] != 0) {
        rows.set(k, rows.get(k).reversed());
      }
    }
    return outputs(c, round, rows, Sliders.each(c, "scan_output_axes", rows.size(), 0));
  }
}
