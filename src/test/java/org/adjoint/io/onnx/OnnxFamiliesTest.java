package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.SmallModels.number;
import static org.adjoint.io.onnx.SmallModels.numbers;
import static org.adjoint.io.onnx.SmallModels.same;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses, attention, scattering, pools, images and quantised numbers, worked out by hand. */
class OnnxFamiliesTest {
  @TempDir Path dir;

  private Tensor run(long opset, String op, Map<String, Attribute> attributes, Tensor... in)
      throws IOException {
    return SmallModels.run(dir, opset, op, attributes, in);
  }

  private static Attribute text(String text) {
    return new Attribute.Text(text);
  }

  private static Tensor i64(long... values) {
    return Tensor.of(values);
  }

  private static Tensor f32(Shape shape, double... values) {
    return Tensor.of(shape, values).to(DType.F32);
  }

  @Test
  void lossesAreWeighed() throws IOException {
    Tensor logp = f32(Shape.of(3, 2), -1, -2, -3, -4, -5, -6);
    Tensor weights = Tensor.of(1f, 3);
    Map<String, Attribute> ignoring = Map.of("ignore_index", number(7));
    // (3·2 + 1·3) / (3 + 1)
    same(
        f32(Shape.SCALAR, 2.25),
        run(13, "NegativeLogLikelihoodLoss", ignoring, logp, i64(1, 0, 7), weights));
    Map<String, Attribute> each = Map.of("reduction", text("none"));
    Tensor scores = f32(Shape.of(1, 2), 0, 0);
    same(Tensor.of((float) Math.log(2)), run(13, "SoftmaxCrossEntropyLoss", each, scores, i64(1)));
  }

  /** Equal keys: each query sees the mean of the values that it may see. */
  @Test
  void attentionLooksBack() throws IOException {
    Tensor q = Tensor.ones(1, 2, 3, 1);
    Tensor k = Tensor.zeros(1, 1, 3, 1);
    Tensor v = f32(Shape.of(1, 1, 3, 1), 2, 4, 9);
    Map<String, Attribute> causal = Map.of("is_causal", number(1));
    same(f32(Shape.of(1, 2, 3, 1), 2, 3, 5, 2, 3, 5), run(23, "Attention", causal, q, k, v));
    Tensor quarter = f32(Shape.of(1, 2), 0, 1);
    same(
        f32(Shape.of(1, 1, 1, 4), -3, -4, 1, 2),
        run(
            23,
            "RotaryEmbedding",
            Map.of(),
            f32(Shape.of(1, 1, 1, 4), 1, 2, 3, 4),
            Tensor.zeros(1, 2),
            Tensor.ones(1, 2),
            i64(0).reshape(1, 1)));
    same(
        f32(Shape.of(1, 1, 4), 3, -2, 1, 4),
        run(
            23,
            "RotaryEmbedding",
            Map.of("num_heads", number(1)),
            f32(Shape.of(1, 1, 4), 3, 4, 1, 2),
            Tensor.of(1f, 0).reshape(1, 2),
            quarter,
            i64(0).reshape(1, 1)));
  }

  @Test
  void placesMeetTwice() throws IOException {
    Tensor x = f32(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    Tensor rows = i64(0, -1, 0).reshape(3, 1);
    Tensor updates = f32(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    same(
        f32(Shape.of(3, 2), 7, 10, 3, 4, 8, 10),
        run(16, "ScatterND", Map.of("reduction", text("add")), x, rows, updates));
    same(
        f32(Shape.of(3, 2), 5, 24, 3, 4, 15, 24),
        run(16, "ScatterND", Map.of("reduction", text("mul")), x, rows, updates));
    same(
        f32(Shape.of(3, 2), 9, 2, 3, 4, 5, 6),
        run(
            18,
            "ScatterElements",
            Map.of("reduction", text("max")),
            x,
            i64(0, 0).reshape(2, 1),
            f32(Shape.of(2, 1), 9, 8)));
    Map<String, Attribute> batch = Map.of("batch_dims", number(1));
    same(Tensor.of(2f, 3, 6), run(12, "GatherND", batch, x, i64(1, 0, 1).reshape(3, 1)));
    Tensor chosen = Tensor.of(Shape.of(2), false, true);
    same(f32(Shape.of(1, 2), 3, 4), run(11, "Compress", Map.of("axis", number(0)), x, chosen));
    same(f32(Shape.of(3, 2), 3, 6, 1, 4, 5, 2), run(10, "ReverseSequence", Map.of(), x, i64(2, 3)));
  }

  @Test
  void whatIsThereAlreadyIsLeftOut() throws IOException {
    Tensor x = Tensor.of(2f, -1, 2, 0);
    same(Tensor.of(-1f, 0, 2), run(11, "Unique", Map.of(), x));
    same(Tensor.of(2f, -1, 0), run(11, "Unique", Map.of("sorted", number(0)), x));
    Tensor rows = f32(Shape.of(3, 2), 1, 2, 0, 5, 1, 2);
    same(f32(Shape.of(2, 2), 0, 5, 1, 2), run(11, "Unique", Map.of("axis", number(0)), rows));
  }

  @Test
  void windowsAreSummedUp() throws IOException {
    Tensor x = f32(Shape.of(1, 1, 5), 1, 2, 3, 4, 5);
    Map<String, Attribute> far = Map.of("kernel_shape", numbers(2L), "dilations", numbers(3L));
    same(f32(Shape.of(1, 1, 2), 2.5, 3.5), run(19, "AveragePool", far, x));
    Map<String, Attribute> ceil =
        Map.of(
            "kernel_shape", numbers(3L),
            "strides", numbers(3L),
            "pads", numbers(1L, 0L),
            "ceil_mode", number(1),
            "count_include_pad", number(1));
    same(f32(Shape.of(1, 1, 2), 1, 4), run(19, "AveragePool", ceil, x));
    Map<String, Attribute> two = Map.of("kernel_shape", numbers(2L), "strides", numbers(3L));
    same(f32(Shape.of(1, 1, 2), Math.sqrt(5), Math.sqrt(41)), run(18, "LpPool", two, x));
    Tensor columns = f32(Shape.of(1, 2, 2), 1, 2, 3, 4);
    same(f32(Shape.of(1, 1, 3), 1, 5, 4), run(18, "Col2Im", Map.of(), columns, i64(3), i64(2)));
    same(
        f32(Shape.of(1, 1, 4), 0, 7, 0, 9),
        run(
            11,
            "MaxUnpool",
            Map.of("kernel_shape", numbers(2L), "strides", numbers(2L)),
            f32(Shape.of(1, 1, 2), 7, 9),
            i64(1, 3).reshape(1, 1, 2)));
    same(Tensor.of(0f, 0.5f, 1, 0.5f), run(17, "HannWindow", Map.of(), i64(4).reshape()));
  }

  @Test
  void imagesAreSeenAnew() throws IOException {
    Tensor x = f32(Shape.of(1, 1, 1, 2), 1, 3);
    Tensor grid = f32(Shape.of(1, 1, 3, 2), -0.5, 0, 0, 0, 2, 0);
    same(f32(Shape.of(1, 1, 1, 3), 1, 2, 0), run(20, "GridSample", Map.of(), x, grid));
    Map<String, Attribute> border = Map.of("padding_mode", text("border"));
    same(f32(Shape.of(1, 1, 1, 3), 1, 2, 3), run(20, "GridSample", border, x, grid));
    Tensor theta = f32(Shape.of(1, 2, 3), 1, 0, 0.5, 0, 1, 0);
    same(
        f32(Shape.of(1, 1, 2, 2), 0, 0, 1, 0),
        run(20, "AffineGrid", Map.of(), theta, i64(1, 1, 1, 2)));
    Map<String, Attribute> smooth = Map.of("mode", text("linear"), "antialias", number(1));
    Tensor line = f32(Shape.of(4), 1, 2, 3, 8);
    Tensor none = Tensor.zeros(0);
    // Taps 1/8, 3/8, 3/8, 1/8, of which the outermost sees the edge again.
    same(Tensor.of(1.625f, 5.375f), run(19, "Resize", smooth, line, none, none, i64(2)));
    Map<String, Attribute> crop =
        Map.of(
            "coordinate_transformation_mode", text("tf_crop_and_resize"),
            "mode", text("linear"),
            "extrapolation_value", new Attribute.Real(-1));
    Tensor region = Tensor.of(0.5f, 1.5f);
    same(Tensor.of(2.5f, 8, -1), run(19, "Resize", crop, line, region, none, i64(3)));
    same(
        Tensor.of(3f, 1, 2, 3, 1),
        run(19, "Pad", Map.of("mode", text("wrap")), Tensor.of(1f, 2, 3), i64(1, 1)));
    same(Tensor.of(2f, 3), run(18, "CenterCropPad", Map.of(), line, i64(2)));
  }

  @Test
  void numbersAreQuantised() throws IOException {
    Tensor half = f32(Shape.SCALAR, 0.5);
    Tensor zero = Tensor.of(Shape.SCALAR, (byte) 10);
    Tensor bytes = Tensor.of(Shape.of(4), (byte) 0, (byte) 9, (byte) 14, (byte) 255);
    same(bytes, run(13, "QuantizeLinear", Map.of(), Tensor.of(-9f, -0.5f, 2.1f, 900), half, zero));
    same(
        Tensor.of(-5f, -0.5f, 2, 122.5f), run(13, "DequantizeLinear", Map.of(), bytes, half, zero));
    Tensor a = bytes.reshape(1, 4);
    same(
        Tensor.of(Shape.of(1, 1), -10 + -1 + 4 + 245),
        run(10, "MatMulInteger", Map.of(), a, a.reshape(4, 1).gt(-1).to(DType.U8), zero));
    same(i64(6), run(18, "BitwiseAnd", Map.of(), i64(14), i64(7)));
    same(
        Tensor.of(Shape.of(1), (byte) 0xf0),
        run(11, "BitShift", Map.of("direction", text("LEFT")), byteOf(0xff), byteOf(4)));
    same(Tensor.of(Shape.of(1), (byte) 44), run(13, "Cast", Map.of("to", number(2)), i64(300)));
  }

  private static Tensor byteOf(int value) {
    return Tensor.of(Shape.of(1), (byte) value);
  }
}
