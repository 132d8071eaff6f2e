package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.SmallModels.node;
import static org.adjoint.io.onnx.SmallModels.number;
import static org.adjoint.io.onnx.SmallModels.same;
import static org.adjoint.io.onnx.SmallModels.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.OpSet;
import org.adjoint.io.onnx.Onnx.Value;
import org.junit.jupiter.api.Test;

/** Branches, loops, networks along a sequence, and integers of narrow types. */
class OnnxControlTest {
  private static Graph graph(List<Node> nodes, String in, String out) {
    return new Graph("g", nodes, List.of(), values(in), values(out), List.of());
  }

  private static List<Value> values(String names) {
    return names.isEmpty()
        ? List.of()
        : Arrays.stream(names.split(" ")).map(SmallModels::value).toList();
  }

  private static OnnxModel model(long opset, Graph graph) {
    return new OnnxModel(
        new Model(8, "", "", "", 0, List.of(new OpSet("", opset)), graph, Map.of()));
  }

  /** The value {@code name} among those that a model made. */
  private static Tensor of(Map<String, Tensor> made, String name) {
    return Objects.requireNonNull(made.get(name));
  }

  private static Attribute body(Graph graph) {
    return new Attribute.Body(graph);
  }

  @Test
  void aBranchSeesWhatIsAroundIt() {
    Graph twice = graph(List.of(node("Add", Map.of(), "t", "s", "s")), "", "t");
    Graph minus = graph(List.of(node("Neg", Map.of(), "t", "x")), "", "t");
    Map<String, Attribute> both = Map.of("then_branch", body(twice), "else_branch", body(minus));
    OnnxModel model =
        model(
            13,
            graph(
                List.of(
                    node("Exp", Map.of(), "unused", "x"),
                    node("Mul", Map.of(), "s", "x", "x"),
                    node("If", both, "y", "c")),
                "x c",
                "y"));
    assertEquals(2, model.size());
    Tensor x = Tensor.of(3f).requireGrad();
    Tensor yes = of(model.run(Map.of("x", x, "c", Tensor.of(Shape.of(1), true))), "y");
    same(Tensor.of(18f), yes);
    yes.sum().backward();
    same(Tensor.of(12f), x.grad());
    same(Tensor.of(-3f), of(model.run(Map.of("x", x, "c", Tensor.of(Shape.of(1), false))), "y"));
    assertThrows(
        IllegalArgumentException.class,
        () -> model(13, graph(List.of(node("If", both, "y", "c")), "c", "y")));
  }

  /** x goes to 2x as long as it is below 10. */
  @Test
  void aLoopEndsWhereItsBodySays() {
    Graph body =
        graph(
            List.of(
                node("Add", Map.of(), "z", "v", "v"),
                node("Less", Map.of(), "on", "z", "ten"),
                node("Identity", Map.of(), "row", "z")),
            "i go v",
            "on z row");
    Node loop = node("Loop", Map.of("body", body(body)), "last rows", "", "", "x");
    OnnxModel model = model(13, graph(List.of(loop), "x ten", "last rows"));
    Tensor x = Tensor.of(Shape.SCALAR, 3f).requireGrad();
    Map<String, Tensor> made = model.run(Map.of("x", x, "ten", Tensor.scalar(10).to(x.dtype())));
    same(Tensor.of(6f, 12), of(made, "rows"));
    of(made, "last").backward();
    assertEquals(4, x.grad().item());
  }

  @Test
  void aScanGoesOverSlices() {
    Graph body =
        graph(
            List.of(
                node("Add", Map.of(), "next", "sum", "x"),
                node("Identity", Map.of(), "row", "next")),
            "sum x",
            "next row");
    Map<String, Attribute> attributes =
        Map.of(
            "body", body(body),
            "num_scan_inputs", number(1),
            "scan_input_directions", SmallModels.numbers(1L));
    Node scan = node("Scan", attributes, "last rows", "zero", "x");
    OnnxModel model = model(11, graph(List.of(scan), "zero x", "last rows"));
    Tensor x = Tensor.of(Shape.of(3, 1), 1f, 2, 3);
    Map<String, Tensor> made = model.run(Map.of("zero", Tensor.of(0f), "x", x));
    same(Tensor.of(6f), of(made, "last"));
    same(Tensor.of(Shape.of(3, 1), 3f, 5, 6), of(made, "rows"));
  }

  /** h′ = relu(x + 2h), forward and back; the second sequence has one element. */
  @Test
  void sequencesEndWhereTheyEnd() {
    Map<String, Attribute> attributes =
        Map.of(
            "activations", new Attribute.Texts(List.of("Relu", "Relu")),
            "direction", new Attribute.Text("bidirectional"));
    Node rnn = node("RNN", attributes, "all last", "x", "w", "r", "", "lengths");
    OnnxModel model = model(14, graph(List.of(rnn), "x w r lengths", "all last"));
    Tensor ones = Tensor.ones(2, 1, 1);
    Map<String, Tensor> made =
        model.run(
            Map.of(
                "x", Tensor.of(Shape.of(2, 2, 1), 1f, 10, 2, 20),
                "w", ones,
                "r", ones.mul(2),
                "lengths", Tensor.of(2, 1)));
    same(Tensor.of(Shape.of(2, 2, 2, 1), 1f, 10, 5, 10, 4, 0, 2, 0), of(made, "all"));
    same(Tensor.of(Shape.of(2, 2, 1), 4f, 10, 5, 10), of(made, "last"));
  }

  @Test
  void narrowIntegersDoNotPassForWide() {
    Constant ten = new Constant("k", ElementType.INT8, Shape.of(1), new byte[] {100});
    Graph sum =
        new Graph(
            "g",
            List.of(node("Add", Map.of(), "y", "x", "k")),
            List.of(ten),
            List.of(new Value("x", ElementType.INT8, null)),
            List.of(value("y")),
            List.of());
    OnnxModel model = model(14, sum);
    same(Tensor.of(127), of(model.run(Map.of("x", Tensor.of(27))), "y"));
    UnsupportedOperation refused =
        assertThrows(UnsupportedOperation.class, () -> model.run(Map.of("x", Tensor.of(28))));
    assertTrue(("" + refused.getMessage()).endsWith("which would wrap around"), "" + refused);
  }

  @Test
  void namesOfAFileDoNotBreakLines() {
    Node odd = node("Abs", Map.of("a\nb", number(1)), "y", "x");
    UnsupportedOperation refused =
        assertThrows(UnsupportedOperation.class, () -> model(13, graph(List.of(odd), "x", "y")));
    assertFalse(("" + refused.getMessage()).contains("\n"), "" + refused);
  }
}
