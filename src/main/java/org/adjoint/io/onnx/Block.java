package org.adjoint.io.onnx;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adjoint.Tensor;
import org.adjoint.io.Quoted;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * A graph that was looked through: its nodes can be computed in their order, and each operator is
 * known. It is that of a model, or of a branch or a loop in it, which sees the values around it.
 */
final class Block {
  /** A node, with the graphs that it holds by their attributes' names. */
  private record Step(Node node, Map<String, Block> bodies) {}

  private final Graph graph;
  private final long opset;
  private final NarrowTypes types;

  /** Of a graph inside another one; a model keeps its own, which are its parameters. */
  private final Map<String, Tensor> constants = new HashMap<>();

  /** What it uses of the values around it. */
  private final Set<String> taken = new HashSet<>();

  private final List<Step> steps;

  /**
   * A graph among others.
   *
   * @param around the names of values that it may use besides its own
   * @param typesAround what is known of those; null if there are none
   */
  Block(Graph graph, long opset, Set<String> around, @Nullable NarrowTypes typesAround) {
    this.graph = graph;
    this.opset = opset;
    this.types = new NarrowTypes(typesAround, graph);
    graph.nodes().forEach(types::follow);
    requireOrder(around);
    Deque<Step> kept = new ArrayDeque<>();
    Set<String> wanted = new HashSet<>();
    graph.outputs().forEach(value -> wanted.add(value.name()));
    Set<String> seen = new HashSet<>(around);
    seen.addAll(own());
    graph.nodes().forEach(node -> seen.addAll(node.outputs()));
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(wanted::contains)) {
        Operators.find(node, opset);
        Map<String, Block> bodies = new LinkedHashMap<>();
        for (Map.Entry<String, Attribute> one : node.attributes().entrySet()) {
          if (one.getValue() instanceof Attribute.Body(Graph body)) {
            Block inner = new Block(body, opset, seen, types);
            body.constants().forEach(k -> inner.constants.put(k.name(), k.toTensor()));
            bodies.put(one.getKey(), inner);
            wanted.addAll(inner.taken);
          }
        }
        kept.addFirst(new Step(node, bodies));
        node.inputs().stream().filter(name -> !name.isEmpty()).forEach(wanted::add);
      }
    }
    this.steps = List.copyOf(kept);
    wanted.removeAll(own());
    graph.nodes().forEach(node -> wanted.removeAll(node.outputs()));
    taken.addAll(wanted);
  }

  /** Number of nodes that are computed: those that the outputs need. */
  int size() {
    return steps.size();
  }

  /** How many values it is given. */
  int inputs() {
    return graph.inputs().size();
  }

  /**
   * The outputs from {@code values}, the inputs and what is around, by name. Adds what it makes.
   */
  List<Tensor> compute(Map<String, Tensor> values) {
    for (Step step : steps) {
      compute(step, values);
    }
    return graph.outputs().stream().map(value -> found(values, value.name())).toList();
  }

  /** The outputs from inputs in the order of the graph, among the values {@code around} it. */
  List<Tensor> compute(Map<String, Tensor> around, List<Tensor> inputs) {
    Map<String, Tensor> values = new HashMap<>(around);
    values.putAll(constants);
    for (int i = 0; i < inputs.size(); i++) {
      values.put(graph.inputs().get(i).name(), inputs.get(i));
    }
    return compute(values);
  }

  private void compute(Step step, Map<String, Tensor> values) {
    Node node = step.node;
    List<@Nullable Tensor> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? null : found(values, name));
    }
    List<@Nullable Tensor> outputs;
    try {
      outputs = Operators.run(new Call(node, opset, inputs, types, step.bodies, values));
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      String why = Call.line(String.valueOf(e.getMessage()));
      throw new IllegalArgumentException(
          why.startsWith("onnx: ") ? why : "onnx: " + Call.what(node) + ": " + why, e);
    }
    for (int i = 0; i < outputs.size(); i++) {
      Tensor made = outputs.get(i);
      if (made != null) {
        if (!types.fits(node, i, made)) {
          throw new UnsupportedOperation(
              node, opset, "a result beyond its type of integers, which would wrap around");
        }
        values.put(node.outputs().get(i), made);
      }
    }
  }

  private static Tensor found(Map<String, Tensor> values, String name) {
    Tensor value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("onnx: nothing makes " + Quoted.of(name));
    }
    return value;
  }

  /** The names that are there before a node is computed. */
  private Set<String> own() {
    Set<String> names = new HashSet<>();
    graph.constants().forEach(constant -> names.add(constant.name()));
    graph.inputs().forEach(value -> names.add(value.name()));
    return names;
  }

  /** Each value is made once, and before it is used: so the graph has no cycle. */
  private void requireOrder(Set<String> around) {
    Set<String> made = own();
    Set<String> known = new HashSet<>(around);
    known.addAll(made);
    for (Node node : graph.nodes()) {
      for (String name : node.inputs()) {
        if (!name.isEmpty() && !known.contains(name)) {
          throw new IllegalArgumentException(
              ("onnx: %s needs %s, which no node before it makes; the graph has a cycle"
                      + " or is out of order")
                  .formatted(Call.what(node), Quoted.of(name)));
        }
      }
      for (String name : node.outputs()) {
        if (!name.isEmpty() && !made.add(name)) {
          throw new IllegalArgumentException(
              "onnx: %s makes %s, which is there already"
                  .formatted(Call.what(node), Quoted.of(name)));
        }
        known.add(name);
      }
    }
    for (Value value : graph.outputs()) {
      if (!known.contains(value.name())) {
        throw new IllegalArgumentException("onnx: nothing makes " + Quoted.of(value.name()));
      }
    }
  }
}
