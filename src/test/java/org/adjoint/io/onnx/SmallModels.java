package org.adjoint.io.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.OpSet;
import org.adjoint.io.onnx.Onnx.Value;

/** Models of a node or two, made for tests. */
final class SmallModels {
  private SmallModels() {}

  static Value value(String name) {
    return new Value(name, null, null);
  }

  static Node node(String op, Map<String, Attribute> attributes, String outputs, String... in) {
    return new Node(op, "", "", List.of(in), List.of(outputs.split(" ")), attributes);
  }

  static Model model(
      long opset, List<Node> nodes, List<Constant> constants, List<Value> in, String out) {
    Graph graph = new Graph("g", nodes, constants, in, List.of(value(out)), List.of());
    return new Model(8, "", "", "", 0, List.of(new OpSet("", opset)), graph, Map.of());
  }

  /** One node of {@code op}, with the inputs x0, x1, …, through a file. */
  static Tensor run(
      Path dir, long opset, String op, Map<String, Attribute> attributes, Tensor... in)
      throws IOException {
    String[] names = IntStream.range(0, in.length).mapToObj(i -> "x" + i).toArray(String[]::new);
    Map<String, Tensor> inputs = new HashMap<>();
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < in.length; i++) {
      inputs.put(names[i], in[i]);
      values.add(value(names[i]));
    }
    Node node = node(op, attributes, "y", names);
    Path file = dir.resolve("m.onnx");
    OnnxWriter.write(file, model(opset, List.of(node), List.of(), values, "y"));
    return Objects.requireNonNull(OnnxModel.load(file).run(inputs).get("y"));
  }

  static Attribute number(long value) {
    return new Attribute.Int(value);
  }

  static Attribute numbers(Long... values) {
    return new Attribute.Ints(List.of(values));
  }

  static void same(Tensor expected, Tensor made) {
    assertEquals(expected.shape(), made.shape());
    assertEquals(expected.dtype(), made.dtype());
    assertArrayEquals(expected.to(DType.F64).toDoubles(), made.to(DType.F64).toDoubles(), 1e-6);
  }
}
