package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * The operators that are known, by name and by the version of the standard that gave them this
 * meaning. An entry lists every attribute that its function understands: a node with another one is
 * refused, and so is one that wants an output which the function does not make.
 *
 * <p>Types of integers that Adjoint lacks are computed in wider ones, as {@link
 * org.adjoint.io.Encoding} reads them; a result that would wrap around is refused, see {@link
 * NarrowTypes}.
 */
final class Operators {
  /** The last version whose changes were looked through. */
  private static final long LAST = 25;

  /** Versions before this one are not known, but for operators that say so. */
  private static final long FIRST = 6;

  /** What an operator does: one tensor for each output that it knows. */
  interface Rule {
    Tensor[] apply(Call call);
  }

  /** What an operator with one output does. */
  interface Single {
    Tensor apply(Call call);
  }

  /** The meaning of an operator from version {@code since} on. */
  record Entry(long since, Set<String> attributes, int mostInputs, Rule rule) {}

  private static final Map<String, List<Entry>> TABLE = new HashMap<>();

  static {
    Operators table = new Operators();
    ArithmeticOps.register(table);
    ActivationOps.register(table);
    LogicOps.register(table);
    ShapeOps.register(table);
    PieceOps.register(table);
    IndexOps.register(table);
    ScatterOps.register(table);
    ConstantOps.register(table);
    ConvolutionOps.register(table);
    PoolingOps.register(table);
    NormalisationOps.register(table);
    ReductionOps.register(table);
    ResizeOps.register(table);
    ControlOps.register(table);
    UniqueOps.register(table);
    WindowOps.register(table);
    IntegerOps.register(table);
    QuantisedOps.register(table);
    GridOps.register(table);
    LossOps.register(table);
    AttentionOps.register(table);
    RecurrentOps.register(table);
  }

  private Operators() {}

  /**
   * Adds an operator with one output.
   *
   * @param since the first version of this meaning; 0 stands for the first that is known at all
   * @param inputs how many it has at most; −1 if any number
   * @param attributes their names, with blanks between
   */
  void one(String op, long since, int inputs, String attributes, Single rule) {
    many(op, since, inputs, attributes, call -> new Tensor[] {rule.apply(call)});
  }

  /** Adds an operator with several outputs. */
  void many(String op, long since, int inputs, String attributes, Rule rule) {
    Set<String> known =
        attributes.isEmpty() ? Set.of() : Set.copyOf(Arrays.asList(attributes.split(" ")));
    int most = inputs < 0 ? Integer.MAX_VALUE : inputs;
    TABLE
        .computeIfAbsent(op, _ -> new ArrayList<>())
        .add(new Entry(since == 0 ? FIRST : since, known, most, rule));
  }

  /** The names of all operators that are known in some version. */
  static Set<String> names() {
    return Set.copyOf(TABLE.keySet());
  }

  /**
   * The meaning of {@code node}.
   *
   * @throws UnsupportedOperation if it is not known in full
   */
  static Entry find(Node node, long opset) {
    if (!node.domain().isEmpty() && !node.domain().equals("ai.onnx")) {
      throw new UnsupportedOperation(node, opset, "no operator of this domain is known");
    }
    List<Entry> entries = TABLE.get(node.op());
    if (entries == null) {
      throw new UnsupportedOperation(node, opset, "the operator is not known");
    }
    Entry best = null;
    for (Entry entry : entries) {
      if (entry.since <= opset && (best == null || entry.since > best.since)) {
        best = entry;
      }
    }
    if (best == null || opset > LAST) {
      long first = entries.stream().mapToLong(Entry::since).min().orElse(FIRST);
      throw new UnsupportedOperation(
          node, opset, "versions %d to %d are known".formatted(first, LAST));
    }
    for (String name : node.attributes().keySet()) {
      if (!best.attributes.contains(name)) {
        throw new UnsupportedOperation(node, opset, "attribute '" + name + "' is not known");
      }
    }
    if (node.inputs().size() > best.mostInputs) {
      throw new UnsupportedOperation(
          node,
          opset,
          "%d inputs, where at most %d are known".formatted(node.inputs().size(), best.mostInputs));
    }
    return best;
  }

  /** Computes a node; one tensor for each of its outputs, null for those without a name. */
  static List<@Nullable Tensor> run(Call call) {
    Tensor[] made = find(call.node(), call.opset()).rule.apply(call);
    List<@Nullable Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < call.node().outputs().size(); i++) {
      boolean wanted = call.wants(i);
      if (wanted && i >= made.length) {
        throw call.unsupported("output " + i + " is not known");
      }
      outputs.add(wanted ? made[i] : null);
    }
    return outputs;
  }
}
