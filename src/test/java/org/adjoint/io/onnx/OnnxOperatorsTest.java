package org.adjoint.io.onnx;

import static org.adjoint.io.onnx.SmallModels.number;
import static org.adjoint.io.onnx.SmallModels.numbers;
import static org.adjoint.io.onnx.SmallModels.same;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.io.onnx.Onnx.Attribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators by numbers worked out by hand. */
class OnnxOperatorsTest {
  private static final Tensor ROWS = Tensor.of(Shape.of(2, 3), 1f, 2, 3, 4, 5, 6);

  @TempDir Path dir;

  private Tensor run(long opset, String op, Map<String, Attribute> attributes, Tensor... in)
      throws IOException {
    return SmallModels.run(dir, opset, op, attributes, in);
  }

  private static Tensor i64(long... values) {
    return Tensor.of(values);
  }

  private static Tensor matrix(long rows, double... values) {
    return Tensor.of(Shape.of(rows, values.length / rows), values).to(DType.F32);
  }

  @Test
  void placesAreFound() throws IOException {
    same(matrix(2, 3, 1, 6, 4), run(13, "Gather", Map.of("axis", number(1)), ROWS, i64(-1, 0)));
    same(matrix(1, 4, 2), run(13, "GatherElements", Map.of(), ROWS, i64(-1, 0).reshape(1, 2)));
    same(Tensor.of(6f, 1), run(13, "GatherND", Map.of(), ROWS, i64(1, 2, 0, 0).reshape(2, 2)));
    same(matrix(1, 4, 5, 6), run(13, "GatherND", Map.of(), ROWS, i64(-1).reshape(1, 1)));
    same(
        matrix(2, 1, 9, 3, 8, 5, 6),
        run(
            18,
            "ScatterElements",
            Map.of("axis", number(1)),
            ROWS,
            i64(1, -3).reshape(2, 1),
            matrix(2, 9, 8)));
    same(
        matrix(3, 5, 2, 2, 2, 5, 2, 2, 2, 2),
        run(11, "OneHot", Map.of(), i64(0, -2, 7), i64(3), Tensor.of(2f, 5)));
    same(
        Tensor.of(Shape.of(2, 2), 0L, 1, 2, 0),
        run(13, "NonZero", Map.of(), matrix(2, 0, 0, 7, 7, 0, 0)));
    same(
        matrix(2, 2, 1, 5, 4),
        run(11, "TopK", Map.of("largest", number(0)), ROWS.slice(1, 0, 2), i64(2)).flip(1));
    same(i64(2, 2), run(12, "ArgMax", arg(), matrix(2, 1, 2, 2, 0, 3, 3)));
    same(
        matrix(2, 5, 3, 0, 11, 6, 0),
        run(
            14,
            "CumSum",
            Map.of("exclusive", number(1), "reverse", number(1)),
            ROWS,
            Tensor.of(Shape.SCALAR, 1L)));
  }

  private static Map<String, Attribute> arg() {
    return Map.of("axis", number(1), "keepdims", number(0), "select_last_index", number(1));
  }

  @Test
  void shapesAreChanged() throws IOException {
    Tensor deep = Tensor.arange(8).to(DType.F32).reshape(1, 8, 1, 1);
    Map<String, Attribute> block = Map.of("blocksize", number(2));
    same(
        Tensor.of(Shape.of(1, 2, 2, 2), 0f, 2, 4, 6, 1, 3, 5, 7),
        run(13, "DepthToSpace", block, deep));
    same(
        deep.reshape(1, 2, 2, 2),
        run(
            13,
            "DepthToSpace",
            Map.of("blocksize", number(2), "mode", new Attribute.Text("CRD")),
            deep));
    same(deep, run(13, "SpaceToDepth", block, run(13, "DepthToSpace", block, deep)));
    same(i64(3), run(15, "Shape", Map.of("start", number(-1)), ROWS));
    same(ROWS.reshape(3, 2), run(14, "Reshape", Map.of(), ROWS, i64(-1, 2)));
    same(ROWS.reshape(2, 3, 1), run(13, "Reshape", Map.of(), ROWS, i64(0, 0, 1)));
    same(matrix(2, 0, 2, 3, 0, 0, 6), run(14, "Trilu", Map.of(), ROWS, i64(1).reshape()));
    same(Tensor.of(2f, 4.5f), run(11, "Range", Map.of(), f32(2), f32(7), f32(2.5)));
    same(
        matrix(1, 1, 2, 3),
        run(18, "Split", Map.of("num_outputs", number(1)), ROWS.slice(0, 0, 1)));
  }

  private static Tensor f32(double value) {
    return Tensor.scalar(value).to(DType.F32);
  }

  @Test
  void filtersArePaintedAndCut() throws IOException {
    Tensor x = Tensor.of(Shape.of(1, 1, 3), 0f, 1, 2);
    Tensor w = Tensor.ones(1, 1, 3);
    Map<String, Attribute> upper =
        Map.of("auto_pad", new Attribute.Text("SAME_UPPER"), "strides", numbers(2L));
    same(Tensor.of(Shape.of(1, 1, 6), 0f, 0, 1, 1, 3, 2), run(11, "ConvTranspose", upper, x, w));
    Map<String, Attribute> more =
        Map.of("output_padding", numbers(1L), "strides", numbers(2L), "pads", numbers(1L, 0L));
    same(Tensor.of(Shape.of(1, 1, 7), 0f, 1, 1, 3, 2, 2, 0), run(11, "ConvTranspose", more, x, w));
    Map<String, Attribute> ceil =
        Map.of("kernel_shape", numbers(2L), "strides", numbers(2L), "ceil_mode", number(1));
    same(Tensor.of(Shape.of(1, 1, 2), 0.5f, 2), run(11, "AveragePool", ceil, x));
  }

  @Test
  void numbersAreReduced() throws IOException {
    Map<String, Attribute> rows = Map.of("axes", numbers(1L), "keepdims", number(0));
    same(Tensor.of((float) Math.sqrt(14), (float) Math.sqrt(77)), run(13, "ReduceL2", rows, ROWS));
    same(Tensor.of(6f, 120), run(13, "ReduceProd", rows, ROWS));
    same(ROWS.logsumexp(1), run(13, "ReduceLogSumExp", rows, ROWS));
    Tensor none = Tensor.zeros(2, 0);
    Map<String, Attribute> drop = Map.of("keepdims", number(0));
    float low = Float.NEGATIVE_INFINITY;
    same(Tensor.of(low, low), run(18, "ReduceMax", drop, none, i64(1)));
    same(
        Tensor.of(Shape.of(2), true, false),
        run(20, "ReduceMax", drop, Tensor.of(Shape.of(2, 2), false, true, false, false), i64(1)));
    same(ROWS, run(18, "ReduceMean", Map.of("noop_with_empty_axes", number(1)), ROWS));
    same(matrix(2, 0, 0, 1, 0, 0, 1), run(13, "Hardmax", Map.of(), ROWS));
    same(ROWS.div(ROWS.norm(2, 1).unsqueeze(1)), run(6, "LpNormalization", Map.of(), ROWS));
  }

  @Test
  void featuresAreNormalised() throws IOException {
    Tensor x = matrix(1, 1, 3, 5, 9).reshape(1, 4, 1);
    Map<String, Attribute> two = Map.of("num_groups", number(2), "epsilon", new Attribute.Real(0));
    Tensor each = Tensor.of(1f, 2, 3, 4);
    same(
        Tensor.of(Shape.of(1, 4, 1), -1f, 2, -3, 4),
        run(21, "GroupNormalization", two, x, each, Tensor.zeros(4)));
    same(
        Tensor.of(Shape.of(1, 4, 1), -1f, 1, -1, 3),
        run(18, "GroupNormalization", two, x, Tensor.of(1f, 2), Tensor.of(0f, 1)));
    Map<String, Attribute> last = Map.of("epsilon", new Attribute.Real(0));
    Tensor pair = matrix(2, 1, 3, 5, 9);
    same(
        matrix(2, -1, 2, -1, 2),
        run(17, "LayerNormalization", last, pair, Tensor.of(1f, 1), Tensor.of(0f, 1)));
    Tensor c = Tensor.of(1f, 1);
    same(
        matrix(2, -1, -1, 1, 1),
        run(
            15,
            "BatchNormalization",
            Map.of("training_mode", number(1), "epsilon", new Attribute.Real(0)),
            pair,
            c,
            Tensor.zeros(2),
            c,
            c));
  }

  @Test
  void functionsAreThoseOfTheStandard() throws IOException {
    Tensor x = Tensor.of(-2f, -0.5f, 0, 3);
    same(Tensor.of(0.1f, 0.4f, 0.5f, 1), run(6, "HardSigmoid", Map.of(), x));
    same(Tensor.of(-2f, 0, 0, 3), run(9, "Shrink", Map.of("lambd", new Attribute.Real(1)), x));
    same(Tensor.of(0f, 0, 0, 3), run(10, "ThresholdedRelu", Map.of(), x));
    same(
        Tensor.of((float) Math.expm1(-1) * 2, (float) Math.expm1(-0.25) * 2, 0, 3),
        run(12, "Celu", Map.of("alpha", new Attribute.Real(2)), x));
    same(Tensor.of(-4f, -1, 0, 3), run(9, "PRelu", Map.of(), x, Tensor.of(2f)));
    same(i64(1, -1), run(13, "Mod", Map.of(), i64(-5, 5), i64(2, -2)));
    same(i64(-1, 1), run(13, "Mod", Map.of("fmod", number(1)), i64(-5, 5), i64(2, -2)));
    same(Tensor.of(-1.4436355f, 0.8813736f), run(9, "Asinh", Map.of(), Tensor.of(-2f, 1)));
    same(Tensor.of(1.316958f), run(9, "Acosh", Map.of(), Tensor.of(2f)));
    same(Tensor.of(0.5493061f), run(9, "Atanh", Map.of(), Tensor.of(0.5f)));
    same(
        Tensor.of(Shape.of(3), true, false, false),
        run(
            10,
            "IsInf",
            Map.of("detect_negative", number(0)),
            Tensor.of(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN)));
    same(
        Tensor.of(Shape.of(2), true, false),
        run(
            7,
            "Xor",
            Map.of(),
            Tensor.of(Shape.of(2), true, true),
            Tensor.of(Shape.of(2), false, true)));
    same(Tensor.of(-1, 2), run(13, "Cast", Map.of("to", number(6)), Tensor.of(-1.7f, 2.9f)));
    same(Tensor.of(-2, 0, 0, 3), run(13, "Cast", Map.of("to", number(3)), x));
    assertThrows(
        UnsupportedOperation.class, () -> run(13, "Cast", Map.of("to", number(3)), x.mul(100)));
    assertThrows(UnsupportedOperation.class, () -> run(13, "Cast", Map.of("to", number(8)), x));
    same(
        ROWS.matmul(ROWS.t()),
        run(12, "Einsum", Map.of("equation", new Attribute.Text("ij, kj -> ik")), ROWS, ROWS));
  }
}
