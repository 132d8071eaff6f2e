package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.Value;

/** A graph that grows by one node after the other, and gives each value a name of its own. */
final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Constant> constants = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();

  /** Keeps a name for a value that comes from elsewhere, such as an input. */
  void take(String name) {
    if (name.isEmpty() || !taken.add(name)) {
      throw new IllegalArgumentException(
          "onnx export: the name '" + name + "' is empty or stands for two values");
    }
  }

  /** A name that is still free: {@code stem_1}, {@code stem_2}, … */
  private String fresh(String stem) {
    String name;
    do {
      name = stem + "_" + counts.merge(stem, 1, Integer::sum);
    } while (!taken.add(name));
    return name;
  }

  /** Adds a node; the names of its outputs. */
  List<String> add(String op, int outputs, Map<String, Attribute> attributes, List<String> inputs) {
    String name = fresh(op.toLowerCase(Locale.ROOT));
    List<String> made = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      made.add(i == 0 ? name : fresh(name));
    }
    // In the order of their names, so that a file repeats to the byte.
    nodes.add(new Node(op, name, "", inputs, List.copyOf(made), new TreeMap<>(attributes)));
    return made;
  }

  /** A constant under a name that was taken before. */
  void constant(String name, Tensor value) {
    constants.put(name, Constant.of(name, value));
  }

  /** A constant under a name made of {@code stem}. */
  String anyConstant(String stem, Tensor value) {
    String name = fresh(stem);
    constant(name, value);
    return name;
  }

  /** Calls a value {@code label}, as an output of the graph. */
  void name(String label, String value) {
    take(label);
    boolean made = nodes.stream().anyMatch(node -> node.outputs().contains(value));
    String old = made && !renamed.containsKey(value) ? value : add("Identity", value);
    renamed.put(old, label);
  }

  private String add(String op, String input) {
    return add(op, 1, Map.of(), List.of(input)).get(0);
  }

  /** The graph, without what its outputs do not need. */
  Graph build(String name, List<Value> inputs, List<Value> outputs) {
    Set<String> wanted = new HashSet<>();
    outputs.forEach(value -> wanted.add(value.name()));
    List<Node> needed = new ArrayList<>();
    for (Node raw : nodes.reversed()) {
      Node node = withNewNames(raw);
      if (node.outputs().stream().anyMatch(wanted::contains)) {
        needed.add(node);
        wanted.addAll(node.inputs());
      }
    }
    List<Constant> kept =
        constants.values().stream().filter(c -> wanted.contains(c.name())).toList();
    return new Graph(name, List.copyOf(needed.reversed()), kept, inputs, outputs, List.of());
  }

  private Node withNewNames(Node node) {
    return new Node(
        node.op(),
        node.name(),
        node.domain(),
        node.inputs().stream().map(name -> renamed.getOrDefault(name, name)).toList(),
        node.outputs().stream().map(name -> renamed.getOrDefault(name, name)).toList(),
        node.attributes());
  }
}
