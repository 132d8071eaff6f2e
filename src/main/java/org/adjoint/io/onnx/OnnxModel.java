package org.adjoint.io.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.io.Quoted;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Value;

/**
 * An ONNX model that can be run: each node of its graph becomes a few of Adjoint's differentiable
 * calls, and its floating constants are parameters. Versions 6 to 25 of the standard's operators
 * are known, of many operators; the others are refused by name when the model is loaded.
 */
public final class OnnxModel {
  private final Graph graph;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Block block;

  /**
   * A model from its parts.
   *
   * @throws UnsupportedOperation if it needs an operator that is not known
   * @throws IllegalArgumentException if the graph does not hang together
   */
  public OnnxModel(Model model) {
    this.graph = model.graph();
    for (Constant constant : graph.constants()) {
      Tensor value = constant.toTensor();
      constants.put(constant.name(), value.dtype().isFloating() ? value.requireGrad() : value);
    }
    this.block = new Block(graph, model.opSet(), Set.of(), null);
  }

  /**
   * The model in a file.
   *
   * @throws IOException if the file cannot be read, see {@link OnnxReader#read}
   * @throws UnsupportedOperation if it needs an operator that is not known
   * @throws IllegalArgumentException if the graph does not hang together
   */
  public static OnnxModel load(Path file) throws IOException {
    return new OnnxModel(OnnxReader.read(file));
  }

  /** The floating constants of the graph by name, such as weights: leaves that take gradients. */
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>(constants);
    parameters.values().removeIf(value -> !value.dtype().isFloating());
    return Collections.unmodifiableMap(parameters);
  }

  /** Number of nodes that are computed: those that the outputs need. */
  public int size() {
    return block.size();
  }

  /** What {@link #run} wants: the inputs that the file itself gives no value. */
  public List<Value> inputs() {
    return graph.inputs().stream().filter(v -> !constants.containsKey(v.name())).toList();
  }

  /** What {@link #run} gives, in the order of the file. */
  public List<Value> outputs() {
    return graph.outputs();
  }

  /**
   * Computes the outputs from the inputs, both by name. Gradients run back through it, to inputs
   * and parameters. An input that has a constant of its name takes that constant's place.
   *
   * @throws IllegalArgumentException if an input is missing, unknown, or of another dtype or shape
   *     than the graph says, or does not suit an operator
   * @throws UnsupportedOperation if a node is used in a way that is not known
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Map<String, Tensor> values = new HashMap<>(constants);
    Set<String> known = new HashSet<>();
    for (Value value : graph.inputs()) {
      known.add(value.name());
      Tensor given = inputs.get(value.name());
      if (given != null) {
        requireLike(value, given);
        values.put(value.name(), given);
      } else if (!constants.containsKey(value.name())) {
        throw new IllegalArgumentException(
            "onnx: input " + Quoted.of(value.name()) + " is missing");
      }
    }
    for (String name : inputs.keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException("onnx: the graph has no input " + Quoted.of(name));
      }
    }
    List<Tensor> made = block.compute(values);
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (int i = 0; i < made.size(); i++) {
      outputs.put(graph.outputs().get(i).name(), made.get(i));
    }
    return outputs;
  }

  private static void requireLike(Value value, Tensor given) {
    ElementType type = value.type();
    DType dtype = type == null ? given.dtype() : type.encoding().dtype();
    List<Dim> dims = value.dims();
    boolean fits = dtype == given.dtype() && (dims == null || dims.size() == given.rank());
    for (int i = 0; fits && dims != null && i < dims.size(); i++) {
      fits = dims.get(i).size() < 0 || dims.get(i).size() == given.size(i);
    }
    if (!fits) {
      List<String> sizes =
          dims == null
              ? List.of("…")
              : dims.stream().map(d -> d.size() < 0 ? "?" : "" + d.size()).toList();
      throw new IllegalArgumentException(
          "onnx: input %s is %s %s, where the graph says %s [%s]"
              .formatted(
                  Quoted.of(value.name()),
                  given.dtype(),
                  given.shape(),
                  dtype,
                  String.join(", ", sizes)));
    }
  }
}
