package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.check.OnnxCase.Outcome;
import org.adjoint.check.OnnxCase.Verdict;
import org.adjoint.io.Refusals;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Dim;
import org.adjoint.io.onnx.Onnx.ElementType;
import org.adjoint.io.onnx.Onnx.Graph;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.Onnx.Node;
import org.adjoint.io.onnx.Onnx.OpSet;
import org.adjoint.io.onnx.Onnx.Value;
import org.adjoint.io.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxCaseTest {
  @TempDir Path dir;

  private Outcome outcome(String op, float expected) throws IOException {
    Path folder = Files.createDirectories(dir.resolve("deep/" + op + "/test_data_set_0"));
    Value x = new Value("x", null, null);
    Value y = new Value("y", null, null);
    Node node = new Node(op, "", "", List.of("x"), List.of("y"), Map.of());
    Graph graph = new Graph("g", List.of(node), List.of(), List.of(x), List.of(y), List.of());
    OnnxWriter.write(
        folder.resolveSibling("model.onnx"),
        new Model(8, "", "", "", 0, List.of(new OpSet("", 13)), graph, Map.of()));
    write(folder.resolve("input_0.pb"), -4);
    write(folder.resolve("output_0.pb"), expected);
    OnnxCase one = OnnxCase.below(dir).get(0);
    assertEquals(op, one.name());
    return one.run();
  }

  private static void write(Path file, float... numbers) throws IOException {
    Files.write(file, OnnxWriter.toBytes(Constant.of("t", Tensor.of(numbers))));
  }

  @Test
  void outputsAreHeldToTheirBound() throws IOException {
    assertEquals(new Outcome(Verdict.PASS, 0, ""), outcome("Abs", 4));
    Outcome near = outcome("Abs", 4.00001f);
    assertEquals(Verdict.PASS, near.verdict());
    assertTrue(near.share() > 0.2, near.toString());
    Outcome far = outcome("Abs", 4.00012f);
    assertEquals(Verdict.FAIL, far.verdict());
    assertTrue(far.remark().startsWith("output 0, element 0: 4.0, expected 4.00012"), far.remark());
    assertEquals(Verdict.FAIL, outcome("Abs", Float.NaN).verdict());
    assertEquals(Verdict.FAIL, outcome("Abs", Float.POSITIVE_INFINITY).verdict());
  }

  @Test
  void fourDecimalsAreNoMore() {
    Tensor made = Tensor.of(0.15106f, 2);
    assertTrue(OnnxCase.share(0, made, Tensor.of(0.1511f, 2), 1) > 0.1);
    assertThrows(
        IllegalArgumentException.class, () -> OnnxCase.share(0, made, Tensor.of(0.15115f, 2), 1));
    // Halves and quarters are exact as they stand.
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxCase.share(0, Tensor.of(0.50004f), Tensor.of(0.5f), 1));
  }

  @Test
  void theGraphTellsWhatBitsMean() throws IOException {
    Path home = dir.resolve("bits");
    Path folder = Files.createDirectories(home.resolve("test_data_set_0"));
    Value x = new Value("x", ElementType.BFLOAT16, List.of(new Dim(2, "")));
    Value y = new Value("y", ElementType.FLOAT, null);
    Node node =
        new Node("Cast", "", "", List.of("x"), List.of("y"), Map.of("to", new Attribute.Int(1)));
    Graph graph = new Graph("g", List.of(node), List.of(), List.of(x), List.of(y), List.of());
    OnnxWriter.write(
        folder.resolveSibling("model.onnx"),
        new Model(8, "", "", "", 0, List.of(new OpSet("", 13)), graph, Map.of()));
    byte[] bits = {(byte) 0x80, 0x3f, 0x00, (byte) 0xc0}; // 1 and −2
    Constant told = new Constant("x", ElementType.UINT16, Shape.of(2), bits);
    Files.write(folder.resolve("input_0.pb"), OnnxWriter.toBytes(told));
    write(folder.resolve("output_0.pb"), 1, -2);
    assertEquals(new Outcome(Verdict.PASS, 0, ""), new OnnxCase(home).run());
    Constant longer = new Constant("x", ElementType.BFLOAT16, Shape.of(1, 2), told.bytes());
    Files.write(folder.resolve("input_0.pb"), OnnxWriter.toBytes(longer));
    assertEquals(
        new Outcome(Verdict.UNSUPPORTED, 0, "data: input 'x' is [1, 2], where the graph says [2]"),
        new OnnxCase(home).run());
  }

  @Test
  void unknownOperatorsAreNamed() throws IOException {
    Outcome outcome = outcome("Fft", 4);
    assertEquals(Verdict.UNSUPPORTED, outcome.verdict());
    assertTrue(outcome.remark().startsWith("Fft: "), outcome.remark());
  }

  @Test
  void nothingIsTheSameAsNaN() {
    Tensor nan = Tensor.of(Float.NaN, Float.NEGATIVE_INFINITY);
    assertEquals(0, OnnxCase.share(0, nan, nan, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> OnnxCase.share(0, Tensor.of(1f, Float.NEGATIVE_INFINITY), nan, 1));
  }

  /** Outputs of PyTorch, for models that it exported. */
  @Test
  void casesFromPyTorchPass() throws IOException {
    List<OnnxCase> cases = OnnxCase.below(Refusals.data("onnx-pytorch"));
    assertEquals(115, cases.size());
    for (OnnxCase one : cases) {
      Outcome outcome = one.run();
      assertEquals(Verdict.PASS, outcome.verdict(), one.name() + ": " + outcome.remark());
    }
  }
}
