package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.op.Conv;
import org.adjoint.op.Sliding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The steps of conv.cu and conv_first.cu, and cuDNN, against the CPU, around the sizes of tiles.
 */
class ConvKernelsTest {
  private final Device gpu = TestGpu.device();
  private final Philox random = new Philox(11);

  /** Integers from −3 to 3, of whose products a float sums many without an error. */
  private Tensor integers(DType dtype, long... sizes) {
    double[] values = new double[(int) Shape.of(sizes).count()];
    Arrays.setAll(values, i -> random.nextInt(7) - 3);
    return Tensor.of(Shape.of(sizes), values).to(dtype);
  }

  @ParameterizedTest
  @CsvSource({
    // channels, size, filters, kernel, stride, padding, images
    "1, 28, 28, 6, 5, 1, 0, 2",
    "1, 9, 70, 8, 3, 1, 1, 1",
    "3, 24, 29, 17, 7, 2, 3, 2",
    "3, 11, 67, 1, 3, 2, 0, 3",
    "4, 7, 7, 9, 7, 1, 3, 1",
    "2, 6, 131, 7, 5, 2, 2, 1",
    "1, 32, 5, 40, 3, 1, 1, 5",
    "3, 21, 8, 70, 7, 2, 2, 1",
    "1, 28, 6, 40, 5, 1, 0, 23"
  })
  void firstLayers(
      int channels,
      int rows,
      int columns,
      int filters,
      int kernel,
      int stride,
      int padding,
      int n) {
    Conv conv = new Conv(Sliding.over(2).withStride(stride).withPadding(padding), 1);
    Tensor x = integers(DType.F32, n, channels, rows, columns);
    Tensor w = integers(DType.F32, filters, channels, kernel, kernel);
    check("first", conv, x, w, DType.F32);
    check("first", conv, x, w, DType.BF16);
  }

  @ParameterizedTest
  @CsvSource({"cudnn", "im2col", "naive"})
  void anyConvolution(String variant) {
    for (DType dtype : List.of(DType.F32, DType.F64, DType.BF16)) {
      Conv plain = new Conv(Sliding.over(1), 1);
      check(variant, plain, integers(dtype, 2, 3, 129), integers(dtype, 5, 3, 2), dtype);
      Sliding all = Sliding.over(2).withStride(2, 1).withPadding(1, 2).withDilation(1, 2);
      Conv grouped = new Conv(all, 3);
      check(variant, grouped, integers(dtype, 3, 6, 9, 8), integers(dtype, 9, 2, 3, 2), dtype);
      Conv depthwise = new Conv(Sliding.over(2).withPadding(1), 5);
      check(variant, depthwise, integers(dtype, 2, 5, 7, 6), integers(dtype, 5, 1, 3, 3), dtype);
      Conv boxes = new Conv(Sliding.over(3).withStride(1, 2, 1).withPadding(1), 1);
      check(variant, boxes, integers(dtype, 1, 2, 4, 3, 5), integers(dtype, 2, 2, 2, 2, 3), dtype);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // images, channels, size, filters, kernel, stride, padding, dilation, groups
    "1, 8, 8, 16, 64, 3, 3, 1, 1, 1, 1",
    "3, 9, 7, 5, 65, 3, 2, 2, 1, 1, 1",
    "2, 64, 12, 12, 129, 1, 1, 1, 0, 1, 1",
    "2, 6, 9, 8, 10, 3, 3, 2, 2, 2, 2",
    "5, 1, 1, 129, 3, 1, 5, 1, 2, 1, 1"
  })
  void columnsThatAreNeverWritten(
      int n,
      int channels,
      int rows,
      int columns,
      int filters,
      int down,
      int across,
      int stride,
      int padding,
      int dilation,
      int groups) {
    Sliding sliding =
        Sliding.over(2)
            .withStride(stride)
            .withPadding(Math.min(padding, down / 2), padding)
            .withDilation(dilation);
    Tensor x = integers(DType.F32, n, channels, rows, columns);
    Tensor w = integers(DType.F32, filters, channels / groups, down, across);
    Tensor b = integers(DType.F32, filters);
    Conv conv = new Conv(sliding, groups);
    Tensor got =
        Choice.with(
            Conv.class, "implicit", () -> Tensor.apply(conv, x.to(gpu), w.to(gpu), b.to(gpu))[0]);
    assertSame(Tensor.apply(conv, x, w, b)[0], got);
  }

  /** Forward with and without a bias, and all gradients, exact on integers. */
  private void check(String variant, Conv conv, Tensor x, Tensor w, DType dtype) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = {x.to(dtype), w.to(dtype), integers(dtype, w.shape().size(0))};
      Tensor[] there = Stream.of(in).map(t -> t.to(gpu)).toArray(Tensor[]::new);
      // Channels last, on the device: kernels get a copy.
      Tensor view = there[0].transpose(1, -1).contiguous().transpose(1, -1);
      Tensor y = Tensor.apply(conv, in)[0];
      Tensor got =
          Choice.with(Conv.class, variant, () -> Tensor.apply(conv, view, there[1], there[2])[0]);
      assertSame(y, got);
      Tensor bare =
          Choice.with(Conv.class, variant, () -> Tensor.apply(conv, there[0], there[1])[0]);
      assertSame(Tensor.apply(conv, in[0], in[1])[0], bare);

      Tensor dy = integers(dtype, y.shape().toArray());
      Conv.WeightGrad slopes = new Conv.WeightGrad(conv, w.shape(), true);
      Tensor[] dw = Tensor.apply(slopes, in[0], dy);
      Tensor[] gotDw =
          Choice.with(
              Conv.WeightGrad.class,
              variantOf(variant, dtype),
              () -> Tensor.apply(slopes, view, dy.to(gpu)));
      assertSame(dw[0], gotDw[0]);
      assertSame(dw[1], gotDw[1]);
      if (!variant.equals("first")) {
        Conv.InputGrad back = new Conv.InputGrad(conv, x.shape());
        Tensor dx =
            Choice.with(
                Conv.InputGrad.class,
                variantOf(variant, dtype),
                () -> Tensor.apply(back, dy.to(gpu), there[1])[0]);
        assertSame(Tensor.apply(back, dy, in[1])[0], dx);
      }
    }
  }

  /** Columns of few digits would round the sums that are added up of them. */
  private static String variantOf(String variant, DType dtype) {
    return variant.equals("im2col") && dtype == DType.BF16 ? "naive" : variant;
  }

  private static void assertSame(Tensor expected, Tensor got) {
    assertEquals(expected.shape(), got.shape());
    assertArrayEquals(expected.toDoubles(), got.toDoubles());
  }

  /** An operation that has one variant on a GPU. */
  private record Only(Op op, Variant variant) implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      return op.infer(in);
    }

    @Override
    public List<Variant> cuda() {
      return List.of(variant);
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      throw new AssertionError();
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      throw new AssertionError();
    }
  }

  private static ConvGemm few(Gpu gpu, Operand x, Operand w, Operand y) {
    List<Integer> ones = List.of(1, 1);
    Window window = new Window(spatial(x), spatial(w), spatial(y), ones, ones, ones);
    // Columns of two images of three; of the last piece, of one.
    return new ConvGemm(
        gpu, new ConvSizes(x.shape(), w.shape(), y.shape(), window, 2), 2 * 4 * 9 * 20);
  }

  private static Shape spatial(Operand operand) {
    return operand.shape().slice(2, 4);
  }

  @Test
  void columnsOfSomeImagesAtATime() {
    Conv conv = new Conv(Sliding.over(2).withPadding(1), 2);
    Tensor x = integers(DType.F32, 3, 4, 5, 4);
    Tensor w = integers(DType.F32, 6, 2, 3, 3);
    Tensor b = integers(DType.F32, 6);
    Tensor dy = integers(DType.F32, 3, 6, 5, 4);
    Variant forward =
        Variant.of(
            "few",
            (on, in, out) -> few(on, in[0], in[1], out[0]).forward(in[0], in[1], in[2], out[0]));
    check(conv, forward, x, w, b);
    Variant inputGrad =
        Variant.of(
            "few", (on, in, out) -> few(on, out[0], in[1], in[0]).inputGrad(in[0], in[1], out[0]));
    check(new Conv.InputGrad(conv, x.shape()), inputGrad, dy, w);
    Variant weightGrad =
        Variant.of(
            "few", (on, in, out) -> few(on, in[0], out[0], in[1]).weightGrad(in[0], in[1], out[0]));
    check(new Conv.WeightGrad(conv, w.shape(), false), weightGrad, x, dy);
  }

  private void check(Op op, Variant variant, Tensor... in) {
    Tensor[] there = Stream.of(in).map(t -> t.to(gpu)).toArray(Tensor[]::new);
    assertSame(Tensor.apply(op, in)[0], Tensor.apply(new Only(op, variant), there)[0]);
  }
}
