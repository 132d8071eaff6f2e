package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Min;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that begin anywhere: packs from the first whole sector on, and edges before and after. */
class RowEdgesTest {
  private static final int ROWS = 5;
  private static final List<UnaryOperator<Tensor>> REDUCTIONS =
      List.of(
          x -> x.sum(1),
          x -> x.max(1),
          x -> x.min(1),
          x -> x.argmax(1),
          x -> Tensor.apply(new Min(1), x)[1],
          x -> x.cumsum(1));

  private final Device gpu = TestGpu.device();

  /** Small integers, whose sums are exact, and of which many are equal. */
  private static double[] few(long count) {
    Philox random = new Philox(count);
    double[] x = new double[(int) count];
    Arrays.setAll(x, i -> random.nextInt(7));
    return x;
  }

  /** The same here and there, of rows that begin {@code later} elements after their memory does. */
  private void check(double[] x, long n, int later, DType dtype) {
    Tensor here = Tensor.of(Shape.of(x.length), x).to(dtype);
    for (UnaryOperator<Tensor> op : REDUCTIONS) {
      double[] expected = op.apply(rows(here, n, later)).toDoubles();
      double[] got = op.apply(rows(here.to(gpu), n, later)).toDoubles();
      int which = REDUCTIONS.indexOf(op);
      assertArrayEquals(expected, got, () -> "reduction " + which + " of " + n + ", " + later);
    }
  }

  private static Tensor rows(Tensor x, long n, int later) {
    return x.slice(0, later, later + ROWS * n).reshape(ROWS, n);
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16", "F16", "I64", "I32", "U8"})
  void sumsAndExtremes(DType dtype) {
    for (long n : new long[] {31, 45, 96, 131, 1027}) {
      for (int later : new int[] {0, 1, 9}) {
        check(few(ROWS * n + later), n, later, dtype);
      }
    }
  }

  /** In any of the accesses that a thread has on its way, along rows and along columns. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anExtremeIsFoundWhereverItIs(int axis) {
    int n = 1100;
    int rows = 100;
    double[] x = new double[n * rows];
    for (int row = 0; row < rows; row++) {
      int place = row * 11;
      x[axis == 1 ? row * n + place : place * rows + row] = 1;
    }
    Tensor here = Tensor.of(axis == 1 ? Shape.of(rows, n) : Shape.of(n, rows), x).to(DType.F32);
    long[] places = here.to(gpu).argmax(axis).toLongs();
    assertArrayEquals(IntStream.range(0, rows).mapToLong(row -> row * 11L).toArray(), places);
  }

  /** Among the first edges, in a pack, and among the last edges. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 70, 130})
  void aNanIsFoundWhereverItIs(int place) {
    for (DType dtype : List.of(DType.F64, DType.F32, DType.BF16, DType.F16)) {
      int n = 131;
      double[] x = few(ROWS * n);
      for (int row = 0; row < ROWS; row++) {
        x[row * n + place] = Double.NaN;
        x[row * n + n - 1] = Double.NaN;
      }
      check(x, n, 0, dtype);
    }
  }
}
