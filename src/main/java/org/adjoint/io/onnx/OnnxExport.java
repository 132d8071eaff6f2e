package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.Trace;
import org.adjoint.autograd.Op;
import org.adjoint.io.onnx.ExportStep.Known;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.OpSet;
import org.adjoint.io.onnx.Onnx.Value;
import org.adjoint.nn.Layer;
import org.adjoint.op.Expand;
import org.adjoint.op.Recurrence;

/**
 * Makes an ONNX model of one of Adjoint's: runs it on an example, and writes down the operations
 * that run.
 *
 * <p>So the graph is that of the example: a branch that it did not take is not there, a loop is as
 * long as it was, and whatever the model did not compute from inputs and parameters, such as random
 * numbers, is a constant.
 */
public final class OnnxExport {
  /** The version of ONNX's operators that is written. */
  public static final int OPSET = 20;

  /** The version of the file format that came with them. */
  private static final int IR = 9;

  private final GraphBuilder graph = new GraphBuilder();
  private final IdentityHashMap<Tensor, Known> known = new IdentityHashMap<>();
  private boolean writing;

  private OnnxExport() {}

  /**
   * {@code model} as it runs on {@code example}, whose sizes are those of the graph's input. The
   * input is called {@code input}, the output {@code output}, and parameters have their names. Call
   * {@link Layer#eval} first.
   *
   * @throws IllegalArgumentException if an operation cannot be written, as its message says
   */
  public static Model of(Layer model, Tensor example) {
    return of(
        model.getClass().getSimpleName(),
        Map.of("input", example),
        model.state(),
        () -> Map.of("output", model.forward(example)));
  }

  /**
   * As {@link #of(Layer, Tensor)}, for any number of examples: the size of the first axis of input
   * and output is left open, under the name {@code batch}.
   *
   * @throws IllegalArgumentException also if the operations that run depend on how many examples
   *     there are
   */
  public static Model ofBatches(Layer model, Tensor example) {
    if (example.rank() == 0 || example.size(0) < 1) {
      throw new IllegalArgumentException(
          "onnx export: an example of shape " + example.shape() + " holds no batch");
    }
    // The one more is there twice, which no model can tell from any other example.
    Tensor first = example.slice(0, 0, 1);
    Tensor two = Tensor.concat(0, first, first);
    Tensor three = Tensor.concat(0, first, first, first);
    return OpenBatch.of(of(model, two), of(model, three));
  }

  /**
   * A model of any number of inputs and outputs.
   *
   * @param name of the graph
   * @param inputs by name; their order is the graph's
   * @param parameters constants that are to have a name of their own
   * @param work computes the outputs, by name, from these tensors
   * @throws IllegalArgumentException if an operation cannot be written, or two values have a name
   */
  public static Model of(
      String name,
      Map<String, Tensor> inputs,
      Map<String, Tensor> parameters,
      Supplier<Map<String, Tensor>> work) {
    try (Scope _ = Scope.open()) {
      Graph graph = new OnnxExport().trace(name, inputs, parameters, work);
      return new Model(IR, "adjoint", "", "", 0, List.of(new OpSet("", OPSET)), graph, Map.of());
    }
  }

  private Graph trace(
      String name,
      Map<String, Tensor> inputs,
      Map<String, Tensor> parameters,
      Supplier<Map<String, Tensor>> work) {
    List<Value> in = new ArrayList<>();
    inputs.forEach((label, tensor) -> {
      graph.take(label);
      known.put(tensor, new Known(label, tensor.meta(), null));
      in.add(value(label, tensor.meta()));
    });
    parameters.forEach((label, tensor) -> {
      graph.take(label);
      graph.constant(label, tensor);
      known.put(tensor, new Known(label, tensor.meta(), null));
    });
    Map<String, Tensor> outputs =
        Grad.off(() -> Recurrence.stepByStep(() -> Trace.watch(this::ran, work)));
    writing = true;
    List<Value> out = new ArrayList<>();
    outputs.forEach((label, tensor) -> {
      graph.name(label, known(tensor).name());
      out.add(value(label, tensor.meta()));
    });
    return graph.build(name, in, out);
  }

  private void ran(Op op, List<Tensor> in, List<Tensor> out) {
    if (writing) {
      return; // what is computed in order to write is no part of the model
    }
    writing = true;
    List<Known> from = in.stream().map(this::known).toList();
    List<Meta> metas = out.stream().map(Tensor::meta).toList();
    List<String> names = ExportRules.write(op, new ExportStep(graph, op.name(), from, metas));
    for (int i = 0; i < names.size(); i++) {
      Known before = op instanceof Expand ? from.get(0) : null;
      known.put(out.get(i), new Known(names.get(i), metas.get(i), before));
    }
    writing = false;
  }

  private Known known(Tensor tensor) {
    return known.computeIfAbsent(
        tensor, t -> new Known(graph.anyConstant("constant", t), t.meta(), null));
  }

  private static Value value(String name, Meta meta) {
    List<Dim> dims =
        Arrays.stream(meta.shape().toArray()).mapToObj(size -> new Dim(size, "")).toList();
    return new Value(name, ElementType.of(meta.dtype()), dims);
  }
}
