package org.adjoint.referee;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.check.OnnxCase;
import org.adjoint.io.onnx.Onnx.Constant;
import org.adjoint.io.onnx.Onnx.Model;
import org.adjoint.io.onnx.OnnxExport;
import org.adjoint.io.onnx.OnnxModel;
import org.adjoint.nn.AvgPool;
import org.adjoint.nn.BatchNorm;
import org.adjoint.nn.Conv;
import org.adjoint.nn.ConvTranspose;
import org.adjoint.nn.Dropout;
import org.adjoint.nn.Embedding;
import org.adjoint.nn.Flatten;
import org.adjoint.nn.Gelu;
import org.adjoint.nn.GlobalAvgPool;
import org.adjoint.nn.GroupNorm;
import org.adjoint.nn.Gru;
import org.adjoint.nn.Layer;
import org.adjoint.nn.LayerNorm;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Lstm;
import org.adjoint.nn.MaxPool;
import org.adjoint.nn.MultiheadAttention;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Residual;
import org.adjoint.nn.Sequential;
import org.adjoint.nn.State;
import org.adjoint.nn.Tanh;
import org.adjoint.samples.SqueezeNet;
import org.adjoint.samples.data.Photograph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models, exported and computed by another runtime. */
class ExportedModelsTest {
  private static final Philox RANDOM = new Philox(11);

  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of(
            new Sequential(
                new Conv(3, 8, 3, RANDOM),
                new BatchNorm(8),
                new Relu(),
                new MaxPool(2),
                new Dropout(0.5, RANDOM),
                new Flatten(),
                new Linear(200, 10, RANDOM)),
            Tensor.normal(RANDOM, 2, 3, 12, 12)),
        Arguments.of(
            new Sequential(
                new Conv(3, 4, 3, RANDOM),
                new GroupNorm(2, 4),
                new Gelu(),
                new AvgPool(2),
                new ConvTranspose(4, 2, 3, 2, RANDOM),
                new Tanh(),
                new GlobalAvgPool()),
            Tensor.normal(RANDOM, 2, 3, 12, 12)),
        Arguments.of(
            new Sequential(
                new Embedding(20, 8, RANDOM),
                new LayerNorm(8),
                new Residual(new Linear(8, 8, RANDOM)),
                new Relu()),
            Tensor.of(3L, 1, 4, 1, 5, 19).reshape(2, 3)));
  }

  private static void requireEqual(Model model, Tensor x, Tensor y) throws OrtException {
    int nodes = model.graph().nodes().size();
    Map<String, Tensor> input = Map.of("input", x);
    OnnxCase.share(0, State.get(OnnxRuntime.run(model, input), "output"), y, nodes);
    OnnxCase.share(0, State.get(new OnnxModel(model).run(input), "output"), y, nodes);
  }

  @ParameterizedTest
  @MethodSource("models")
  void anotherRuntimeAgreesForAnyNumberOfExamples(Layer model, Tensor two) throws OrtException {
    model.eval();
    Model exported = OnnxExport.ofBatches(model, two);
    Tensor one = two.slice(0, 0, 1);
    for (Tensor x : List.of(one, two, Tensor.concat(0, two, one, two))) {
      requireEqual(exported, x, model.forward(x));
    }
    List<String> names = exported.graph().constants().stream().map(Constant::name).toList();
    assertTrue(names.containsAll(model.parameters().keySet()), names.toString());
  }

  @Test
  void recurrentLayersAreUnrolled() throws OrtException {
    Tensor x = Tensor.normal(RANDOM, 5, 2, 3);
    for (Layer layer : List.of(new Lstm(3, 4, 2, true, RANDOM), new Gru(3, 4, 1, false, RANDOM))) {
      requireEqual(OnnxExport.of(layer, x), x, layer.forward(x));
    }
  }

  @Test
  void attentionIsTakenApart() throws OrtException {
    MultiheadAttention attention = new MultiheadAttention(8, 2, RANDOM);
    Tensor x = Tensor.normal(RANDOM, 2, 5, 8);
    requireEqual(OnnxExport.of(attention, x), x, attention.forward(x));
  }

  @Test
  void aWrongWeightIsNoticed() throws OrtException {
    Linear layer = new Linear(3, 2, RANDOM);
    Tensor x = Tensor.normal(RANDOM, 4, 3);
    Model exported = OnnxExport.of(layer, x);
    layer.bias().assign(Tensor.of(1f, 2));
    Tensor other = layer.forward(x);
    assertThrows(IllegalArgumentException.class, () -> requireEqual(exported, x, other));
  }

  @Test
  void whatDependsOnTheNumberOfExamplesIsRefused() {
    Layer mean = x -> x.sum(0).div((double) x.size(0));
    Layer doubled = x -> x.size(0) > 2 ? x.add(x).mul(2) : x;
    Tensor x = Tensor.normal(RANDOM, 2, 3);
    assertEquals(
        "onnx export: FLOAT [] 'number_1', which Div uses, depends on the number of examples;"
            + " write it for one number of them, with OnnxExport.of",
        refusal(() -> OnnxExport.ofBatches(mean, x)));
    assertEquals(
        "onnx export: the operations that run differ with the number of examples;"
            + " write it for one number of them, with OnnxExport.of",
        refusal(() -> OnnxExport.ofBatches(doubled, x)));
    assertEquals(
        "onnx export: an example of shape [0, 3] holds no batch",
        refusal(() -> OnnxExport.ofBatches(mean, Tensor.zeros(0, 3))));
    assertEquals(
        "onnx export: the name 'x' is empty or stands for two values",
        refusal(() -> OnnxExport.of("g", Map.of("x", x), Map.of("x", x), () -> Map.of("y", x))));
  }

  private static String refusal(Runnable work) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, work::run).getMessage());
  }

  @Test
  void outputsMayBeInputsConstantsOrTheSameTwice() throws OrtException {
    Tensor x = Tensor.of(1f, 2);
    Model model =
        OnnxExport.of(
            "g",
            Map.of("x", x),
            Map.of(),
            () -> {
              Tensor twice = x.add(x);
              return Map.of("a", x, "b", twice, "c", twice, "d", Tensor.of(5f));
            });
    Map<String, Tensor> outputs = OnnxRuntime.run(model, Map.of("x", x));
    assertArrayEquals(new float[] {1, 2}, State.get(outputs, "a").toFloats());
    assertArrayEquals(new float[] {2, 4}, State.get(outputs, "b").toFloats());
    assertArrayEquals(new float[] {2, 4}, State.get(outputs, "c").toFloats());
    assertArrayEquals(new float[] {5}, State.get(outputs, "d").toFloats());
  }

  @Test
  void squeezeNetAgrees() throws Exception {
    String data = System.getenv("ADJOINT_DATA");
    Path at = Path.of(data == null ? "" : data, "pretrained/squeezenet-v1.0-deep-compression");
    assumeTrue(
        data != null && Files.isDirectory(at),
        "skipped: ADJOINT_DATA names no folder that holds the weights of SqueezeNet");
    SqueezeNet net = SqueezeNet.read(at.resolve("compressed_SqueezeNet.net"));
    Tensor a = photograph(at, "10815824_2997e03d76");
    Tensor b = photograph(at, "109202801_c6381eef15");
    Model model = OnnxExport.ofBatches(net, a);
    Tensor both = Tensor.concat(0, a, b);
    double[] expected = Grad.off(() -> net.forward(both)).toDoubles();
    double[] scores =
        State.get(OnnxRuntime.run(model, Map.of("input", both)), "output").toDoubles();
    double size = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      size = Math.max(size, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(scores[i] - expected[i]));
    }
    assertEquals(2000, scores.length);
    assertTrue(difference <= 1e-4 * size, difference + " of " + size);
  }

  private static Tensor photograph(Path at, String name) throws Exception {
    return SqueezeNet.prepare(
        Photograph.square(at.resolve("check/" + name + "_227.png"), SqueezeNet.SIDE));
  }
}
