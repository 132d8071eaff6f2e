package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.adjoint.op.Sliding;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Layers against PyTorch's: golden/nn/layers.txt, made by the script beside it. */
class MoreLayersTest {
  private static final Map<String, double[]> GOLDEN = new HashMap<>();

  private final Philox random = new Philox(1);

  @BeforeAll
  static void readGolden() throws IOException {
    try (InputStream in = MoreLayersTest.class.getResourceAsStream("/golden/nn/layers.txt")) {
      byte[] bytes = Objects.requireNonNull(in).readAllBytes();
      for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
        String[] words = line.split(" ");
        GOLDEN.put(
            words[0], Arrays.stream(words).skip(1).mapToDouble(Double::parseDouble).toArray());
      }
    }
  }

  private static Tensor wave(DoubleUnaryOperator f, Shape shape, int start) {
    float[] values = new float[(int) shape.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) f.applyAsDouble(start + i);
    }
    return Tensor.of(shape, values);
  }

  private static Tensor x(long... sizes) {
    return wave(Math::sin, Shape.of(sizes), 1);
  }

  private static <T extends Layer> T filled(T layer) {
    layer.parameters().values().forEach(p -> p.assign(wave(Math::cos, p.shape(), 0)));
    return layer;
  }

  private static void assertGolden(String name, Tensor y) {
    double[] expected = Objects.requireNonNull(GOLDEN.get(name), name);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertArrayEquals(expected, y.toDoubles(), 4e-6 * largest, name);
  }

  @Test
  void layersMakeWhatPyTorchsMake() {
    assertGolden("layer-norm", filled(new LayerNorm(4, 5)).forward(x(2, 3, 4, 5)));
    assertGolden("rms-norm", filled(new RmsNorm(5)).forward(x(2, 3, 4, 5)));
    assertGolden("group-norm", filled(new GroupNorm(2, 6)).forward(x(2, 6, 5)));
    assertGolden("instance-norm", filled(new InstanceNorm(3)).forward(x(2, 3, 4, 5)));
    assertGolden("prelu", filled(new PRelu(3)).forward(x(2, 3, 2)));
    assertGolden("avg-pool", new AvgPool(2).forward(x(1, 2, 4, 5)));
    assertGolden("adaptive-avg-pool", new AdaptiveAvgPool(3).forward(x(1, 2, 4, 5)));
    Sliding sliding = Sliding.over(2).withStride(2).withPadding(1);
    ConvTranspose conv = new ConvTranspose(4, 6, new int[] {3, 2}, sliding, 1, 2, random);
    assertGolden("conv-transpose", filled(conv).forward(x(1, 4, 3, 3)));
  }

  @Test
  void batchNormKeepsRunningAverages() {
    BatchNorm norm = filled(new BatchNorm(3));
    Shape shape = Shape.of(2, 3, 2, 2);
    long before = Backend.of(Device.CPU).liveBytes();
    for (int step = 0; step < 3; step++) {
      try (Scope _ = Scope.open()) {
        Tensor y = norm.forward(wave(Math::sin, shape, 1 + 7 * step).mul(step + 1));
        if (step == 2) {
          assertGolden("batch-norm", y);
        }
      }
    }
    assertEquals(before, Backend.of(Device.CPU).liveBytes());
    norm.eval();
    assertGolden("batch-norm-eval", norm.forward(x(2, 3, 2, 2)));
    norm.forward(x(2, 3, 2, 2).mul(100)); // which changes nothing
    List<String> names =
        List.of("weight", "bias", "running_mean", "running_var", "num_batches_tracked");
    assertEquals(names, List.copyOf(norm.state().keySet()));
    norm.state().forEach((name, tensor) -> assertGolden("batch-norm-" + name, tensor));
    assertEquals(Shape.SCALAR, norm.buffers().values().stream().toList().get(2).shape());
  }

  @Test
  void batchNormIsSavedAndLoaded() {
    Sequential net = new Sequential(new Conv(1, 3, 1, random), new BatchNorm(3));
    net.forward(x(2, 1, 2, 2));
    Sequential other = new Sequential(new Conv(1, 3, 1, random), new BatchNorm(3));

    other.load(State.copy(net.state()));
    net.eval();
    other.eval();

    assertArrayEquals(
        net.forward(x(2, 1, 2, 2)).toFloats(), other.forward(x(2, 1, 2, 2)).toFloats());
    assertEquals(6 + 3 + 3, net.parameterCount());
  }

  @Test
  void dropoutDropsInTrainingOnly() {
    Dropout dropout = new Dropout(0.25, new Philox(7));
    Tensor x = Tensor.ones(100, 100);
    float[] first = dropout.forward(x).toFloats();
    float[] second = dropout.forward(x).toFloats();

    int dropped = 0;
    for (float y : first) {
      dropped += y == 0 ? 1 : 0;
      assertEquals(y == 0 ? 0 : 1 / 0.75f, y);
    }
    assertEquals(2500, dropped, 250);
    assertFalse(Arrays.equals(first, second), "another mask each time");
    dropout.eval();
    assertSame(x, dropout.forward(x));
    dropout.train();
    assertArrayEquals(first, new Dropout(0.25, new Philox(7)).forward(x).toFloats());
  }

  @Test
  void dropoutGoesOnFromThePositionOfItsGenerator() {
    Philox draws = new Philox(7);
    Dropout dropout = new Dropout(0.5, draws);
    Tensor x = Tensor.ones(50).requireGrad();
    dropout.forward(x);
    long position = draws.position();
    Tensor y = dropout.forward(x);
    Philox resumed = new Philox(7);
    resumed.seek(position);

    assertArrayEquals(y.toFloats(), new Dropout(0.5, resumed).forward(x).toFloats());
    y.sum().backward();
    assertArrayEquals(y.toFloats(), x.grad().toFloats(), "the gradient has the same mask");
  }

  @Test
  void embeddingsAreRows() {
    Embedding table = new Embedding(5, 3, random);
    Tensor y = table.forward(Tensor.of(Shape.of(2, 2), 4L, 0, 4, 1));

    assertEquals(Shape.of(2, 2, 3), y.shape());
    assertArrayEquals(
        table.weight().select(0, 4).toFloats(), y.select(0, 1).select(0, 0).toFloats());
    y.sum().backward();
    assertArrayEquals(
        new float[] {1, 1, 0, 0, 2}, table.weight().grad().slice(1, 0, 1).flatten(0).toFloats());
  }

  @Test
  void functionsAreLayersWithNames() {
    Tensor x = Tensor.of(-2f, 0.5f);
    List<Layer> layers =
        List.of(
            new Gelu(),
            new Silu(),
            new Softplus(),
            new LeakyRelu(0.1),
            new Elu(1),
            new Selu(),
            new Mish(),
            new HardSigmoid(),
            new HardSwish(),
            new LogSigmoid(),
            new Softsign(),
            new Identity(),
            new Softmax(0),
            new LogSoftmax(0));
    // By the formulas, at −2.
    double[] expected = {
      -0.0455003,
      -0.2384058,
      0.1269280,
      -0.2,
      -0.8646647,
      -1.5201665,
      -0.2525015,
      0.1666667,
      -0.3333333,
      -2.1269280,
      -0.6666667,
      -2,
      0.0758582,
      -2.5788897
    };
    for (int i = 0; i < expected.length; i++) {
      Layer layer = layers.get(i);
      assertEquals(expected[i], layer.forward(x).toDoubles()[0], 1e-6, layer.toString());
      assertFalse(layer.toString().contains("["), layer.toString());
    }
    assertEquals(0.5 / (1 + Math.exp(2)), new Glu(0).forward(Tensor.of(0.5, -2)).item(), 1e-15);
    assertEquals("Glu(0)", new Glu(0).toString());
    assertEquals("LeakyRelu(0.1)", new LeakyRelu(0.1).toString());
  }

  @Test
  void residualsAddAndKeepTheShape() {
    Linear linear = new Linear(2, 2, random);
    Tensor x = x(3, 2);

    assertArrayEquals(
        x.add(linear.forward(x)).toFloats(), new Residual(linear).forward(x).toFloats());
    assertEquals(
        List.of("f.weight", "f.bias"), List.copyOf(new Residual(linear).parameters().keySet()));
    assertEquals(
        "residual: f makes [3, 3] of [3, 2]; it must keep the shape",
        failure(() -> new Residual(new Linear(2, 3, random)).forward(x)));
  }

  @Test
  void poolingOverAll() {
    assertArrayEquals(
        new float[] {2, 5},
        new GlobalAvgPool().forward(Tensor.of(Shape.of(1, 2, 3), 1f, 2, 3, 4, 5, 6)).toFloats());
  }

  @Test
  void layersThatCannotBeAreRejected() {
    assertEquals("dropout: p 1.5 must be in [0, 1]", failure(() -> new Dropout(1.5, random)));
    assertEquals(
        "batch_norm: momentum 2.0 must be in [0, 1], eps 0.1 at least 0",
        failure(() -> new BatchNorm(3, 2, 0.1)));
    assertEquals(
        "group_norm: 5 channels do not divide into 2 groups", failure(() -> new GroupNorm(2, 5)));
    assertEquals(
        "conv_transpose: 3 and 4 channels do not divide into 2 groups",
        failure(() -> new ConvTranspose(3, 4, new int[] {1, 1}, Sliding.over(2), 0, 2, random)));
  }

  private static String failure(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
