package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.SmallModels.model;
import static org.adjoint.io.onnx.SmallModels.node;
import static org.adjoint.io.onnx.SmallModels.number;
import static org.adjoint.io.onnx.SmallModels.numbers;
import static org.adjoint.io.onnx.SmallModels.same;
import static org.adjoint.io.onnx.SmallModels.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
  private static final Tensor ROWS = Tensor.of(Shape.of(2, 3), 1f, 2, 3, 4, 5, 6);

  @TempDir Path dir;

  private Tensor run(long opset, String op, Map<String, Attribute> attributes, Tensor... in)
      throws IOException {
    return SmallModels.run(dir, opset, op, attributes, in);
  }

  @Test
  void softmaxBefore13IsOverAllAxesFromOneOn() throws IOException {
    Tensor x = ROWS.reshape(1, 2, 3);
    Tensor flat = x.reshape(1, 6).softmax(1).reshape(1, 2, 3);
    same(flat, run(12, "Softmax", Map.of(), x));
    same(x.softmax(2), run(13, "Softmax", Map.of(), x));
    same(x.softmax(1), run(13, "Softmax", Map.of("axis", number(1)), x));
    same(x.reshape(1, 6).logSoftmax(1).reshape(1, 2, 3), run(6, "LogSoftmax", Map.of(), x));
  }

  @Test
  void beforeSevenBroadcastingIsAskedFor() throws IOException {
    Tensor b = Tensor.of(10f, 20);
    Map<String, Attribute> rows = Map.of("broadcast", number(1), "axis", number(0));
    same(Tensor.of(Shape.of(2, 3), 11f, 12, 13, 24, 25, 26), run(6, "Add", rows, ROWS, b));
    assertThrows(IllegalArgumentException.class, () -> run(6, "Add", Map.of(), ROWS, b));
    same(ROWS.add(1), run(7, "Add", Map.of(), ROWS, Tensor.of(1f)));
    String message =
        String.valueOf(
            assertThrows(UnsupportedOperation.class, () -> run(7, "Add", rows, ROWS, b))
                .getMessage());
    assertTrue(message.contains("attribute"), message);
  }

  @Test
  void attributesBecameInputs() throws IOException {
    Tensor one = Tensor.of(1L);
    same(
        ROWS.sum(1),
        run(11, "ReduceSum", Map.of("axes", numbers(1L), "keepdims", number(0)), ROWS));
    same(ROWS.sum(1), run(13, "ReduceSum", Map.of("keepdims", number(0)), ROWS, one));
    same(ROWS.unsqueeze(1), run(6, "Unsqueeze", Map.of("axes", numbers(1L)), ROWS));
    same(ROWS.unsqueeze(1), run(13, "Unsqueeze", Map.of(), ROWS, one));
    Tensor line = ROWS.unsqueeze(1);
    same(ROWS, run(6, "Squeeze", Map.of(), line));
    same(ROWS, run(13, "Squeeze", Map.of(), line, one));
    Map<String, Attribute> clip =
        Map.of("min", new Attribute.Real(2), "max", new Attribute.Real(4));
    same(ROWS.clamp(2, 4), run(6, "Clip", clip, ROWS));
    same(
        ROWS.clamp(2, 4),
        run(
            11,
            "Clip",
            Map.of(),
            ROWS,
            Tensor.scalar(2).to(DType.F32),
            Tensor.scalar(4).to(DType.F32)));
    Tensor cut = ROWS.slice(1, 1, 3);
    Map<String, Attribute> slice =
        Map.of("axes", numbers(1L), "starts", numbers(1L), "ends", numbers(Long.MAX_VALUE));
    same(cut, run(6, "Slice", slice, ROWS));
    same(cut, run(10, "Slice", Map.of(), ROWS, one, Tensor.of(99L), Tensor.of(-1L)));
    same(
        ROWS.flip(1),
        run(
            10,
            "Slice",
            Map.of(),
            ROWS,
            Tensor.of(-1L),
            Tensor.of(Long.MIN_VALUE),
            one,
            Tensor.of(-1L)));
    Map<String, Attribute> pads = Map.of("pads", numbers(0L, 1L, 0L, -1L));
    Tensor moved = Tensor.of(Shape.of(2, 3), 0f, 1, 2, 0, 4, 5);
    same(moved, run(6, "Pad", pads, ROWS));
    same(moved, run(11, "Pad", Map.of(), ROWS, Tensor.of(0L, 1, 0, -1)));
    same(moved, run(18, "Pad", Map.of(), ROWS, Tensor.of(1L, -1), Tensor.of(0f), one));
  }

  @Test
  void trainingIsNotGuessed() throws IOException {
    assertThrows(UnsupportedOperation.class, () -> run(6, "Dropout", Map.of(), ROWS));
    same(ROWS, run(6, "Dropout", Map.of("is_test", number(1)), ROWS));
    same(ROWS, run(7, "Dropout", Map.of(), ROWS));
    Tensor yes = Tensor.of(Shape.SCALAR, true);
    Tensor half = Tensor.of(Shape.SCALAR, 0.5f);
    assertThrows(UnsupportedOperation.class, () -> run(12, "Dropout", Map.of(), ROWS, half, yes));
    Tensor c = Tensor.of(1f, 1, 1);
    assertThrows(
        UnsupportedOperation.class, () -> run(6, "BatchNormalization", Map.of(), ROWS, c, c, c, c));
    Map<String, Attribute> exact = Map.of("epsilon", new Attribute.Real(0));
    same(ROWS.sub(1).add(1), run(9, "BatchNormalization", exact, ROWS, c, c, c, c));
  }

  @Test
  void integersAreDividedTowardsZeroAndBytesWrap() throws IOException {
    same(Tensor.of(-1, 1), run(14, "Div", Map.of(), Tensor.of(-3, 3), Tensor.of(2, 2)));
    Tensor a = Tensor.of(Shape.of(2), (byte) 250, (byte) 3);
    Tensor b = Tensor.of(Shape.of(2), (byte) 10, (byte) 4);
    same(Tensor.of(Shape.of(2), (byte) 4, (byte) 7), run(14, "Add", Map.of(), a, b));
    same(Tensor.of(Shape.of(2), (byte) 240, (byte) 255), run(14, "Sub", Map.of(), a, b));
    same(
        Tensor.of(-8.0, 4, 1, Double.NaN),
        run(15, "Pow", Map.of(), Tensor.of(-2.0, -2, 0, -2), Tensor.of(3.0, 2, 0, 0.5)));
  }

  @Test
  void windowsArePaddedUnevenly() throws IOException {
    Tensor x = ROWS.reshape(1, 2, 3);
    Map<String, Attribute> window =
        Map.of("kernel_shape", numbers(2L), "auto_pad", new Attribute.Text("SAME_UPPER"));
    same(Tensor.of(Shape.of(1, 2, 3), 2f, 3, 3, 5, 6, 6), run(12, "MaxPool", window, x));
    same(
        Tensor.of(Shape.of(1, 2, 3), 1.5f, 2.5f, 3, 4.5f, 5.5f, 6),
        run(11, "AveragePool", window, x));
    Tensor w = Tensor.ones(1, 2, 2);
    Map<String, Attribute> same = Map.of("auto_pad", new Attribute.Text("SAME_LOWER"));
    same(Tensor.of(Shape.of(1, 1, 3), 5f, 12, 16), run(11, "Conv", same, x, w));
    assertThrows(
        UnsupportedOperation.class,
        () ->
            run(
                11,
                "MaxPool",
                Map.of("kernel_shape", numbers(2L), "auto_pad", new Attribute.Text("ODD")),
                x));
  }

  @Test
  void resizingNamesItsPlaces() throws IOException {
    Tensor x = Tensor.of(Shape.of(1, 1, 2), 1f, 3);
    Tensor scales = Tensor.of(1f, 1, 2);
    Tensor none = Tensor.of(Shape.of(0), new float[0]);
    Attribute linear = new Attribute.Text("linear");
    same(Tensor.of(Shape.of(1, 1, 4), 1f, 1, 3, 3), run(11, "Resize", Map.of(), x, none, scales));
    same(
        Tensor.of(Shape.of(1, 1, 4), 1f, 1.5f, 2.5f, 3),
        run(11, "Resize", Map.of("mode", linear), x, none, scales));
    same(
        Tensor.of(Shape.of(1, 1, 4), 1f, 2, 3, 3),
        run(9, "Upsample", Map.of("mode", linear), x, scales));
  }

  private static String refusal(Model model, Map<String, Tensor> inputs) {
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> new OnnxModel(model).run(inputs))
                .getMessage());
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void wrongModelsGiveOneLine() {
    List<Value> x = List.of(value("x"));
    Map<String, Tensor> one = Map.of("x", ROWS);
    List<Node> cycle =
        List.of(node("Add", Map.of(), "a", "x", "b"), node("Relu", Map.of(), "b", "a"));
    assertEquals(
        "onnx: 'Add' that makes 'a' needs 'b', which no node before it makes; the graph has a cycle"
            + " or is out of order",
        refusal(model(13, cycle, List.of(), x, "b"), one));
    Model relu = model(13, List.of(node("Relu", Map.of(), "y", "x")), List.of(), x, "y");
    assertEquals("onnx: input 'x' is missing", refusal(relu, Map.of()));
    assertEquals("onnx: the graph has no input 'z'", refusal(relu, Map.of("x", ROWS, "z", ROWS)));
    Value typed = new Value("x", ElementType.FLOAT, List.of(new Dim(-1, "n"), new Dim(4, "")));
    assertEquals(
        "onnx: input 'x' is F32 [2, 3], where the graph says F32 [?, 4]",
        refusal(
            model(13, List.of(node("Relu", Map.of(), "y", "x")), List.of(), List.of(typed), "y"),
            one));
    assertEquals(
        "onnx: nothing makes 'q'",
        refusal(model(13, List.of(node("Relu", Map.of(), "y", "x")), List.of(), x, "q"), one));
    assertEquals(
        "onnx: 'Add' that makes 'y': input 1 is missing",
        refusal(model(13, List.of(node("Add", Map.of(), "y", "x", "")), List.of(), x, "y"), one));
    Node mixed = node("Add", Map.of(), "y", "x", "w");
    Constant w = Constant.of("w", Tensor.of(1L));
    assertTrue(
        refusal(model(13, List.of(mixed), List.of(w), x, "y"), one)
            .startsWith("onnx: 'Add' that makes 'y': add: dtypes F32 and I64 differ"));
  }

  @Test
  void whatIsNotKnownIsNamed() {
    List<Value> x = List.of(value("x"));
    UnsupportedOperation e =
        assertThrows(
            UnsupportedOperation.class,
            () ->
                new OnnxModel(
                    model(13, List.of(node("Fft", Map.of(), "y", "x")), List.of(), x, "y")));
    assertEquals("Fft", e.operator());
    assertEquals("", e.domain());
    assertEquals(13, e.opset());
    assertEquals(
        "onnx: 'Fft' of ai.onnx, opset 13 is not supported: the operator is not known",
        e.getMessage());
    Node own = new Node("Relu", "r", "com.acme", List.of("x"), List.of("y"), Map.of());
    assertThrows(
        UnsupportedOperation.class,
        () -> new OnnxModel(model(13, List.of(own), List.of(), x, "y")));
    assertThrows(
        UnsupportedOperation.class,
        () ->
            new OnnxModel(model(99, List.of(node("Relu", Map.of(), "y", "x")), List.of(), x, "y")));
  }

  @Test
  void whatNoOutputNeedsIsNotComputed() {
    List<Node> nodes = List.of(node("Relu", Map.of(), "y", "x"), node("Fft", Map.of(), "z", "y"));
    OnnxModel model = new OnnxModel(model(13, nodes, List.of(), List.of(value("x")), "y"));
    assertEquals(1, model.size());
    same(ROWS, Objects.requireNonNull(model.run(Map.of("x", ROWS)).get("y")));
  }

  @Test
  void constantsAreParameters() {
    Tensor w = Tensor.of(Shape.of(2, 3), 1f, 0, 2, 0, 1, 0);
    Node gemm = node("Gemm", Map.of("transB", number(1)), "y", "x", "w", "b");
    Constant bias = Constant.of("b", Tensor.of(1f, -1));
    OnnxModel model =
        new OnnxModel(
            model(13, List.of(gemm), List.of(Constant.of("w", w), bias), List.of(value("x")), "y"));
    Tensor y = Objects.requireNonNull(model.run(Map.of("x", ROWS)).get("y"));
    same(Tensor.of(Shape.of(2, 2), 8f, 1, 17, 4), y);
    y.sum().backward();
    same(Tensor.of(2f, 2), Objects.requireNonNull(model.parameters().get("b")).grad());
    same(
        Tensor.of(Shape.of(2, 3), 5f, 7, 9, 5, 7, 9),
        Objects.requireNonNull(model.parameters().get("w")).grad());
  }
}
