package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.AdaptiveMaxPool;
import org.adjoint.op.AvgPool;
import org.adjoint.op.MaxPool;
import org.adjoint.op.Sliding;
import org.adjoint.op.Windows;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The steps of pooling against the CPU, around the sizes of their packs, warps and blocks. */
class PoolKernelsTest {
  private final Device gpu = TestGpu.device();

  private static Tensor random(DType dtype, long... sizes) {
    Philox random = new Philox(7);
    double[] values = new double[(int) Shape.of(sizes).count()];
    // Few values, so that many are equal: the first must win.
    Arrays.setAll(values, i -> random.nextInt(9) - 4);
    return Tensor.of(Shape.of(sizes), values).to(dtype);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 1, 2, 8",
    "F32, 5, 3, 16",
    "F32, 129, 5, 8",
    "F32, 3, 2, 1032",
    "BF16, 1, 2, 16",
    "BF16, 65, 7, 32",
    "BF16, 2, 3, 528"
  })
  void pairs(DType dtype, int planes, int rows, int columns) {
    Sliding sliding = Sliding.over(2).withStride(2);
    check("pairs", random(dtype, planes, 1, rows, columns), sliding, false, 2, 2);
    // Channels last: the kernel gets a copy.
    Tensor last = random(dtype, planes, rows, columns, 3);
    check("pairs", last, new int[] {0, 3, 1, 2}, sliding, false, 2, 2);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 1, 1, 1",
    "F32, 7, 1, 31",
    "F32, 9, 4, 8",
    "BF16, 257, 3, 11",
    "F32, 2, 40, 33"
  })
  void whole(DType dtype, int planes, int rows, int columns) {
    Tensor x = random(dtype, 1, planes, rows, columns);
    check("whole", x, Sliding.over(2), false, rows, columns);
  }

  @ParameterizedTest
  @CsvSource({
    "band, F32, 3, 2, 1, true", "band, BF16, 3, 1, 1, false", "band, F32, 2, 3, 0, true",
    "plane, F32, 3, 2, 1, true", "plane, BF16, 3, 1, 1, false", "plane, F32, 2, 3, 0, true",
    "naive, F32, 3, 2, 1, true", "naive, BF16, 3, 1, 1, false", "naive, F64, 2, 3, 1, true",
    "naive, F16, 5, 2, 2, true"
  })
  void windowsThatOverlapOrLeaveGaps(
      String variant, DType dtype, int kernel, int stride, int padding, boolean ceil) {
    Sliding sliding = Sliding.over(2).withStride(stride).withPadding(padding);
    for (long size : new long[] {7, 16, 33}) {
      check(variant, random(dtype, 2, 3, size, size + 1), sliding, ceil, kernel, kernel);
    }
    Sliding line = Sliding.over(1).withStride(stride).withPadding(padding);
    check(variant, random(dtype, 2, 3, 129), line, ceil, kernel);
  }

  /** Many small planes in a band, one plane cut into several bands, and bands of a single row. */
  @ParameterizedTest
  @CsvSource({
    "F32, 300, 5, 7, 3, 2, 1",
    "BF16, 77, 6, 6, 2, 2, 0",
    "F32, 2, 113, 112, 3, 2, 1",
    "F32, 2, 200, 64, 5, 7, 2",
    "F32, 1, 9, 1200, 3, 2, 1",
    "BF16, 3, 70, 100, 2, 3, 0"
  })
  void bands(DType dtype, int planes, int rows, int columns, int kernel, int stride, int padding) {
    Sliding sliding = Sliding.over(2).withStride(stride).withPadding(padding);
    check("band", random(dtype, 1, planes, rows, columns), sliding, true, kernel, kernel);
  }

  @ParameterizedTest
  @CsvSource({"40, 13, 13, 6, 6", "3, 100, 90, 7, 5", "9, 4, 3, 9, 10", "130, 7, 7, 1, 1"})
  void evenBands(int planes, int rows, int columns, int down, int across) {
    Windows.Even even = new Windows.Even(List.of(down, across));
    Tensor x = random(DType.F32, 1, planes, rows, columns);
    Tensor[] expected = Tensor.apply(new AdaptiveMaxPool(even), x);
    Tensor[] got =
        Choice.with(
            AdaptiveMaxPool.class,
            "band",
            () -> Tensor.apply(new AdaptiveMaxPool(even), x.to(gpu)));
    assertArrayEquals(expected[0].toDoubles(), got[0].toDoubles());
    assertArrayEquals(expected[1].toDoubles(), got[1].toDoubles());
    AvgPool avg = new AvgPool(even);
    Tensor mean = Choice.with(AvgPool.class, "band", () -> Tensor.apply(avg, x.to(gpu))[0]);
    assertClose(Tensor.apply(avg, x)[0], mean);
    Tensor dy = random(DType.F32, 1, planes, down, across);
    AvgPool.InputGrad spread = new AvgPool.InputGrad(avg, x.shape());
    Tensor dx =
        Choice.with(AvgPool.InputGrad.class, "band", () -> Tensor.apply(spread, dy.to(gpu))[0]);
    assertClose(Tensor.apply(spread, dy)[0], dx);
  }

  @ParameterizedTest
  @CsvSource({"F32", "F64"})
  void boxes(DType dtype) {
    check("naive", random(dtype, 2, 2, 5, 6, 7), Sliding.over(3).withPadding(1), true, 3, 2, 3);
  }

  @ParameterizedTest
  @CsvSource({"pairs", "band", "plane", "naive"})
  void anIndexOutsideThePlaneIsRefused(String variant) {
    MaxPool max = new MaxPool(List.of(2, 2), Sliding.over(2).withStride(2), false);
    MaxPool.InputGrad back = new MaxPool.InputGrad(max, Shape.of(1, 1, 2, 8));
    Tensor dy = random(DType.F32, 1, 1, 1, 4);
    for (long index : new long[] {16, -1}) {
      Tensor indices = Tensor.of(0, index, 4, 6).reshape(1, 1, 1, 4);
      String message = "max_pool.input_grad: index " + index + " at element 1 lies outside 0 to 15";
      for (Device device : List.of(Device.CPU, gpu)) {
        IndexOutOfBoundsException e =
            assertThrows(
                IndexOutOfBoundsException.class,
                () ->
                    Choice.with(
                        MaxPool.InputGrad.class,
                        variant,
                        () ->
                            Tensor.apply(back, dy.to(device), indices.to(device))[0].toDoubles()));
        assertEquals(message, e.getMessage());
      }
    }
  }

  private void check(String variant, Tensor x, Sliding sliding, boolean ceil, Integer... kernel) {
    int[] inOrder = IntStream.range(0, x.rank()).toArray();
    check(variant, x, inOrder, sliding, ceil, kernel);
  }

  /**
   * Maxima and means of windows of a view, and both gradients, by {@code variant} if it has one.
   */
  private void check(
      String variant, Tensor base, int[] axes, Sliding sliding, boolean ceil, Integer... kernel) {
    try (Scope _ = Scope.open()) {
      List<Integer> window = List.of(kernel);
      MaxPool max = new MaxPool(window, sliding, ceil);
      Tensor x = base.permute(axes);
      Tensor on = base.to(gpu).permute(axes);
      Tensor[] expected = Tensor.apply(max, x);
      Tensor[] got = Choice.with(MaxPool.class, variant, () -> Tensor.apply(max, on));
      assertArrayEquals(expected[0].toDoubles(), got[0].toDoubles());
      assertArrayEquals(expected[1].toDoubles(), got[1].toDoubles());

      Tensor dy = random(x.dtype(), got[0].shape().toArray());
      MaxPool.InputGrad back = new MaxPool.InputGrad(max, x.shape());
      String backward = variant.equals("whole") ? "plane" : variant;
      Tensor dx =
          Choice.with(
              MaxPool.InputGrad.class, backward, () -> Tensor.apply(back, dy.to(gpu), got[1])[0]);
      assertClose(Tensor.apply(back, dy, expected[1])[0], dx);

      for (boolean counted : new boolean[] {true, false}) {
        AvgPool avg = new AvgPool(new Windows.Moving(window, sliding, ceil, counted));
        Tensor mean = Choice.with(AvgPool.class, variant, () -> Tensor.apply(avg, on)[0]);
        assertClose(Tensor.apply(avg, x)[0], mean);
        AvgPool.InputGrad spread = new AvgPool.InputGrad(avg, x.shape());
        Tensor dmean =
            Choice.with(
                AvgPool.InputGrad.class, backward, () -> Tensor.apply(spread, dy.to(gpu))[0]);
        assertClose(Tensor.apply(spread, dy)[0], dmean);
      }
    }
  }

  /** Within a unit in the last place of the largest. */
  private static void assertClose(Tensor expected, Tensor got) {
    assertEquals(expected.shape(), got.shape());
    double[] e = expected.toDoubles();
    double[] g = got.toDoubles();
    double largest = Arrays.stream(e).map(Math::abs).max().orElse(0);
    double bound = 2 * expected.dtype().unitRoundoff() * largest;
    for (int i = 0; i < e.length; i++) {
      assertTrue(Math.abs(e[i] - g[i]) <= bound, i + ": expected " + e[i] + ", got " + g[i]);
    }
  }
}
