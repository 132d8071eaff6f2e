package org.adjoint.io.onnx;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.Value;
import org.jspecify.annotations.Nullable;

/**
 * One graph for any number of examples, from the graphs of a model for two numbers of them: where
 * they differ is where the number matters.
 */
final class OpenBatch {
  private OpenBatch() {}

  /**
   * The graph of both.
   *
   * @throws IllegalArgumentException if they differ in more than sizes that can be left open
   */
  static Model of(Model a, Model b) {
    Graph one = a.graph();
    Graph other = b.graph();
    if (!one.nodes().equals(other.nodes()) || one.constants().size() != other.constants().size()) {
      throw refuse("the operations that run differ with the number of examples");
    }
    List<Constant> constants = new ArrayList<>();
    for (int i = 0; i < one.constants().size(); i++) {
      constants.add(open(one, one.constants().get(i), other.constants().get(i)));
    }
    Graph graph =
        new Graph(
            one.name(),
            one.nodes(),
            constants,
            open(one.inputs(), other.inputs()),
            open(one.outputs(), other.outputs()),
            List.of());
    return new Model(
        a.irVersion(),
        a.producer(),
        a.producerVersion(),
        a.domain(),
        a.version(),
        a.opSets(),
        graph,
        a.metadata());
  }

  private static Constant open(Graph graph, Constant a, Constant b) {
    if (a.equals(b)) {
      return a;
    }
    List<Node> users =
        graph.nodes().stream().filter(node -> node.inputs().contains(a.name())).toList();
    boolean shape =
        a.name().equals(b.name())
            && users.stream()
                .allMatch(n -> n.op().equals("Reshape") && n.inputs().indexOf(a.name()) == 1);
    if (shape && a.shape().equals(b.shape()) && a.type() == ElementType.INT64) {
      long[] sizes = a.toTensor().toLongs();
      long[] others = b.toTensor().toLongs();
      int open = -1;
      int count = 0;
      for (int i = 0; i < sizes.length; i++) {
        if (sizes[i] != others[i]) {
          open = i;
          count++;
        }
      }
      if (count == 1) {
        sizes[open] = -1; // what is left for it
        return Constant.of(a.name(), Tensor.of(sizes));
      }
    }
    throw refuse(
        "%s, which %s uses, depends on the number of examples"
            .formatted(a, users.isEmpty() ? "nothing" : users.get(0).op()));
  }

  private static List<Value> open(List<Value> a, List<Value> b) {
    List<Value> open = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      open.add(new Value(a.get(i).name(), a.get(i).type(), dims(a.get(i).dims(), b.get(i).dims())));
    }
    return open;
  }

  private static @Nullable List<Dim> dims(@Nullable List<Dim> a, @Nullable List<Dim> b) {
    if (a == null || b == null || a.size() != b.size()) {
      throw refuse("the number of axes differs with the number of examples");
    }
    List<Dim> open = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      open.add(a.get(i).equals(b.get(i)) ? a.get(i) : new Dim(-1, "batch"));
    }
    return open;
  }

  private static IllegalArgumentException refuse(String why) {
    return new IllegalArgumentException(
        "onnx export: " + why + "; write it for one number of them, with OnnxExport.of");
  }
}
