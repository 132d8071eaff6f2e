package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.op.ArgMax;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.Cumsum;
import org.adjoint.op.FrozenNorm;
import org.adjoint.op.LogSoftmax;
import org.adjoint.op.LogSumExp;
import org.adjoint.op.MaskedSoftmax;
import org.adjoint.op.Max;
import org.adjoint.op.Min;
import org.adjoint.op.RowNorm;
import org.adjoint.op.RowRms;
import org.adjoint.op.Softmax;
import org.adjoint.op.Sum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rows are given to: parts of a warp, warps, blocks, and several blocks a row. */
class RowVariantsTest {
  /** Around a pack, a warp, what a warp holds, what a block holds. */
  private static final long[][] ROWS = {
    {9, 1}, {5, 31}, {5, 33}, {3, 128}, {3, 511}, {2, 512}, {2, 516}, {2, 1027}, {1, 4096},
    {1, 4100}, {1, 8192}, {1, 8193}
  };

  /** More than the blocks of a norm take at a time: they go from row to row. */
  private static final long[][] MANY_ROWS = {{100, 1027}, {150, 520}, {300, 130}, {5000, 3}};

  private static final long[][] COLUMNS = {
    {2, 16, 33}, {1, 300, 3}, {37, 5, 3}, {3, 7, 31}, {2, 65, 2}, {1, 128, 40}, {1, 129, 40}
  };

  private final Device gpu = TestGpu.device();

  private static Tensor normal(int seed, long... shape) {
    return Tensor.normal(new Philox(seed), shape);
  }

  private static Tensor integers(long... shape) {
    Philox random = new Philox(Shape.of(shape).hashCode());
    double[] x = new double[(int) Shape.of(shape).count()];
    Arrays.setAll(x, i -> random.nextInt(7) - 3);
    return Tensor.of(Shape.of(shape), x).to(DType.F32);
  }

  /**
   * Every variant that takes such operands must give what the reference gives in F64, but for
   * {@code ulps}, of F32 if not of a narrower type, of the element or, if {@code ofLargest}, of the
   * largest of them.
   *
   * @return the variants that were compared
   */
  private Set<String> check(Op op, double ulps, boolean ofLargest, Tensor... in) {
    return check(op, ulps, ofLargest, 0, x -> x, in);
  }

  /** The same, where input {@code shifted} begins at no multiple of 16 bytes. */
  private Set<String> check(Op op, double ulps, boolean ofLargest, int shifted, Tensor... in) {
    return check(op, ulps, ofLargest, shifted, RowVariantsTest::shifted, in);
  }

  /** The same, where input {@code which} lies another way on the device. */
  private Set<String> check(
      Op op, double ulps, boolean ofLargest, int which, UnaryOperator<Tensor> laid, Tensor... in) {
    Tensor[] wide =
        Arrays.stream(in)
            .map(x -> x.dtype().isFloating() ? x.to(DType.F64) : x)
            .toArray(Tensor[]::new);
    Tensor[] expected = CpuBackend.withReference(() -> Tensor.apply(op, wide));
    Set<String> taken = new TreeSet<>();
    for (Variant variant : op.cuda()) {
      try (Scope _ = Scope.open()) {
        Tensor[] there = Arrays.stream(in).map(x -> x.to(gpu)).toArray(Tensor[]::new);
        there[which] = laid.apply(there[which]);
        Tensor[] got;
        try {
          got = Choice.with(op.getClass(), variant.name(), () -> Tensor.apply(op, there));
        } catch (NoKernelException e) {
          continue;
        }
        taken.add(variant.name());
        for (int k = 0; k < got.length; k++) {
          String what = op + " " + variant.name() + " " + in[0].shape() + " output " + k;
          DType type = got[k].dtype();
          double wider = type.isFloating() ? Math.max(1, 0x1p24 * type.unitRoundoff()) : 1;
          compare(what, expected[k].toDoubles(), got[k].toDoubles(), wider * ulps, ofLargest);
        }
      }
    }
    return taken;
  }

  private static Tensor shifted(Tensor x) {
    long n = x.shape().count();
    Tensor room = Tensor.zeros(x.meta().with(Shape.of(n + 1)));
    return room.slice(0, 1, n + 1).reshape(x.shape().toArray()).assign(x);
  }

  private static void compare(
      String what, double[] expected, double[] got, double ulps, boolean ofLargest) {
    assertEquals(expected.length, got.length, what);
    double largest =
        Arrays.stream(expected).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    for (int i = 0; i < got.length; i++) {
      double scale = ofLargest ? largest : Math.abs(expected[i]);
      double bound = ulps * 0x1p-23 * scale + Float.MIN_NORMAL;
      boolean same = Double.compare(expected[i], got[i]) == 0;
      int at = i;
      assertTrue(
          same || Math.abs(expected[i] - got[i]) <= bound,
          () -> what + ", element " + at + ": expected " + expected[at] + ", got " + got[at]);
    }
  }

  @Test
  void softmaxOfRowsOfAllLengths() {
    Set<String> taken = new TreeSet<>();
    for (long[] shape : ROWS) {
      Tensor x = normal(1, shape);
      Tensor dy = normal(2, shape);
      taken.addAll(check(new Softmax(-1), 8, false, x));
      check(new LogSoftmax(-1), 4, true, x);
      check(new LogSumExp(-1), 4, true, x);
      check(new MaskedSoftmax(-1), 8, false, x, dy.gt(0));
      check(new Softmax.Grad(-1), 4, true, x.softmax(-1), dy);
      check(new LogSoftmax.Grad(-1), 4, true, x.logSoftmax(-1), dy);
    }
    assertEquals(Set.of("warp", "block", "shared", "online", "columns", "naive"), taken);
  }

  /** If what is hidden took part, all else would be 0. */
  @Test
  void whatIsHiddenHasNoPart() {
    for (long n : new long[] {33, 131, 700, 4099}) {
      Tensor mask = normal(25, 5, n).gt(0);
      Tensor x = mask.not().to(DType.F32).mul(1e30).add(normal(26, 5, n));
      check(new MaskedSoftmax(-1), 8, false, x, mask);
    }
  }

  @Test
  void masksOfRowsLieAnyhow() {
    for (long n : new long[] {40, 700, 4100, 9000}) {
      Tensor x = normal(7, 3, 2, n);
      checkMask(x, normal(8, 2, 3, n), 1, 0, 2);
      checkMask(x, normal(9, n, 3, 2), 1, 2, 0);
      checkMask(normal(11, 2, 4, 3, n), normal(10, 3, 2, 4, n), 1, 2, 0, 3);
    }
  }

  /** Softmax of x where {@code mask} is positive, once its axes are permuted, here and there. */
  private void checkMask(Tensor x, Tensor mask, int... axes) {
    Tensor there = mask.gt(0).to(gpu).permute(axes);
    check(new MaskedSoftmax(-1), 8, false, 1, _ -> there, x, mask.gt(0).permute(axes));
  }

  /** A mask is read by packs where they begin at multiples of their size. */
  @Test
  void masksOfRowsBeginAnywhere() {
    for (long n : new long[] {40, 701, 9000}) {
      Tensor x = normal(7, 2, n);
      Tensor wider = normal(8, 2, n + 4).gt(0);
      for (int from = 0; from < 5; from++) {
        Tensor there = wider.to(gpu).slice(1, from, from + n);
        Tensor mask = wider.slice(1, from, from + n);
        check(new MaskedSoftmax(-1), 8, false, 1, _ -> there, x, mask);
      }
    }
  }

  @Test
  void softmaxOfColumns() {
    for (long[] shape : COLUMNS) {
      boolean held = shape[1] != 129; // by 8 threads, of 16 elements each
      Tensor x = normal(3, shape);
      Tensor dy = normal(4, shape);
      Tensor mask = normal(5, shape[1], 1).gt(0).expand(Shape.of(shape)); // one for all columns
      assertEquals(held, check(new Softmax(1), 8, false, x).contains("strip"));
      check(new Softmax(1), 8, false, x.sub(200)); // where exp is 0
      check(new LogSoftmax(1), 4, true, x);
      check(new LogSumExp(1), 4, true, x);
      check(new MaskedSoftmax(1), 8, false, x, mask);
      check(new MaskedSoftmax(1), 8, false, x, dy.gt(0));
      check(new Softmax.Grad(1), 4, true, x.softmax(1), dy);
      check(new LogSoftmax.Grad(1), 4, true, x.logSoftmax(1), dy);
    }
  }

  @Test
  void softmaxWithInfinitiesAndNan() {
    double inf = Double.POSITIVE_INFINITY;
    for (long n : new long[] {40, 700}) {
      double[] x = normal(6, 7, n).toDoubles();
      int width = (int) n;
      Arrays.fill(x, 0, width / 2, -inf); // begins with nothing
      Arrays.fill(x, width, 2 * width, -inf); // has nothing
      x[2 * width + 33] = inf;
      x[3 * width + 38] = Double.NaN;
      x[4 * width] = -inf;
      Arrays.fill(x, 5 * width, 6 * width, inf);
      Tensor rows = Tensor.of(Shape.of(7, n), x).to(DType.F32);
      Tensor columns = rows.t().contiguous();
      for (int axis = 0; axis < 2; axis++) {
        Tensor input = axis == 1 ? rows : columns;
        Tensor mask = normal(7, input.shape().toArray()).gt(0.5);
        check(new Softmax(axis), 8, false, input);
        check(new LogSoftmax(axis), 4, false, input);
        check(new LogSumExp(axis), 4, false, input);
        check(new MaskedSoftmax(axis), 8, false, input, mask);
        check(new MaskedSoftmax(axis), 8, false, input, mask.and(mask.not()));
      }
    }
  }

  @Test
  void rowsThatBeginAtNoMultipleOf16Bytes() {
    Tensor x = normal(8, 1 + 3 * 64);
    Tensor there = x.to(gpu).slice(0, 1, 193).reshape(3, 64);
    Tensor here = x.slice(0, 1, 193).reshape(3, 64);
    assertArrayEquals(here.sum(1).toFloats(), there.sum(1).toFloats(), 1e-5f);
    assertArrayEquals(here.softmax(1).toFloats(), there.softmax(1).toFloats(), 1e-6f);
    assertArrayEquals(here.cumsum(1).toFloats(), there.cumsum(1).toFloats(), 1e-5f);
    assertArrayEquals(here.sum(0).toFloats(), there.sum(0).toFloats(), 1e-5f);
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16", "F16"})
  void eachOperandByItselfMayBeginAtNoMultipleOf16Bytes(DType dtype) {
    Tensor x = normal(21, 3, 64).to(dtype);
    Tensor dy = normal(22, 3, 64).to(dtype);
    Tensor w = normal(23, 64).to(dtype);
    Tensor b = normal(24, 64).to(dtype);
    for (int i = 0; i < 3; i++) {
      check(new RowNorm(1e-5), 4, true, i, x, w, b);
      check(new RowNorm.Grad(1e-5), 4, true, i, x, w, dy);
      check(new RowRms.Grad(1e-5), 4, true, i, x, w, dy);
      if (i < 2) {
        check(new RowRms(1e-5), 4, true, i, x, w);
        check(new Softmax.Grad(-1), 4, true, i, x.softmax(-1), dy);
        check(new LogSoftmax.Grad(-1), 4, true, i, x.logSoftmax(-1), dy);
      }
      if (i < 1) {
        check(new Softmax(-1), 8, false, i, x);
        check(new MaskedSoftmax(-1), 8, false, i, x, dy.gt(0));
        check(new Sum(List.of(1)), 4, true, i, x);
      }
    }
  }

  @Test
  void sumsOfIntegersAreExact() {
    for (long[] shape : new long[][] {{3, 70_001}, {20_000, 3}, {1, 16_384}, {600, 40}, {9, 33}}) {
      check(new Sum(List.of(0)), 0, false, integers(shape));
      check(new Sum(List.of(1)), 0, false, integers(shape));
      check(new Sum(List.of(0, 1)), 0, false, integers(shape));
      check(new Cumsum(1), 0, false, integers(shape));
    }
    Tensor x = integers(3, 5, 17, 20);
    check(new Sum(List.of(1)), 0, false, integers(70, 2, 12));
    for (int which = 1; which < 16; which++) {
      int chosen = which;
      List<Integer> axes =
          IntStream.range(0, 4).filter(axis -> (chosen >> axis & 1) != 0).boxed().toList();
      check(new Sum(axes), 0, false, x);
      Tensor view = x.to(gpu).permute(2, 0, 3, 1);
      int[] array = axes.stream().mapToInt(Integer::intValue).toArray();
      assertArrayEquals(
          x.permute(2, 0, 3, 1).sum(array).toDoubles(), view.sum(array).toDoubles(), "" + axes);
    }
    for (DType dtype : List.of(DType.I64, DType.I32, DType.U8, DType.BF16, DType.F16)) {
      Tensor few = integers(3, 9000).abs().to(dtype);
      Tensor there = few.to(gpu);
      Tensor rows = few.slice(1, 0, 200);
      assertArrayEquals(
          few.to(DType.F64).sum(0).toDoubles(), there.sum(0).toDoubles(), dtype.toString());
      assertArrayEquals(
          rows.to(DType.F64).sum(1).to(dtype).toDoubles(),
          there.slice(1, 0, 200).sum(1).toDoubles(),
          dtype.toString());
      assertArrayEquals(
          few.to(DType.F64).sum(1).to(dtype).toDoubles(),
          there.sum(1).toDoubles(),
          dtype.toString());
    }
  }

  @Test
  void theFirstOfEquals() {
    for (long[] shape : new long[][] {{2, 9000}, {1, 20_001}, {40, 33}, {700, 2}, {5, 17}}) {
      Tensor x = integers(shape); // full of equals
      for (int axis = 0; axis < 2; axis++) {
        check(new ArgMax(axis), 0, false, x);
        check(new Max(axis), 0, false, x);
        check(new Min(axis), 0, false, x);
      }
    }
    double[] x = integers(1, 20_000).toDoubles();
    x[9000] = Double.NaN;
    x[15_000] = Double.NaN;
    check(new Max(1), 0, false, Tensor.of(Shape.of(1, 20_000), x).to(DType.F32));
    check(new Min(0), 0, false, Tensor.of(Shape.of(20_000, 1), x).to(DType.F32));
    double[] none = new double[300];
    Arrays.fill(none, Double.NEGATIVE_INFINITY);
    check(new Max(0), 0, false, Tensor.of(Shape.of(300), none).to(DType.F32));
  }

  @Test
  void runningSumsGoOnFromPartToPart() {
    for (long[] shape : ROWS) {
      check(new Cumsum(-1), 0, false, integers(shape));
    }
    for (long[] shape : COLUMNS) {
      check(new Cumsum(1), 0, false, integers(shape));
    }
    Tensor long_ = integers(1, 9000).to(DType.I64);
    assertArrayEquals(long_.cumsum(1).toDoubles(), long_.to(gpu).cumsum(1).toDoubles());
  }

  @Test
  void normsOfRowsOfAllLengths() {
    Set<String> taken = new TreeSet<>();
    for (long[] shape : Stream.of(ROWS, MANY_ROWS).flatMap(Stream::of).toList()) {
      Tensor x = normal(9, shape);
      Tensor w = normal(10, shape[1]);
      Tensor b = normal(11, shape[1]);
      taken.addAll(check(new RowNorm(1e-5), 4, true, x, w, b));
      taken.addAll(check(new RowNorm.Grad(1e-5), 4, true, x, w, normal(12, shape)));
      check(new RowRms(1), 4, true, x, w);
      check(new RowRms.Grad(1), 4, true, x, w, normal(12, shape));
    }
    assertEquals(Set.of("held", "reread", "naive"), taken);
  }

  /** As many elements as threads have room for, and some that the row before lends a sector of. */
  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "BF16", "F16"})
  void normsOfRowsThatBeginWithinASector(DType dtype) {
    for (long n : new long[] {31, 252, 255, 504, 508, 511, 1016}) {
      Tensor x = normal(27, 3, n).to(dtype);
      Tensor w = normal(28, n).to(dtype);
      check(new RowNorm(1e-5), 4, true, x, w, normal(29, n).to(dtype));
      check(new RowRms(1e-5), 4, true, x, w);
    }
    // So many that a block has those which begin alike.
    Tensor x = normal(27, 130, 511).to(dtype);
    Tensor w = normal(28, 511).to(dtype);
    Tensor dy = normal(30, 130, 511).to(dtype);
    check(new RowNorm.Grad(1e-5), 8, true, x, w, dy);
    check(new RowRms.Grad(1e-5), 8, true, x, w, dy);
  }

  @Test
  void aMeanThatIsLargeCostsNoDigits() {
    for (long n : new long[] {64, 1000}) {
      Tensor x = normal(13, 3, n).add(5000);
      check(new RowNorm(1e-5), 4, true, x, Tensor.ones(n), Tensor.zeros(n));
      check(new RowNorm.Grad(1e-5), 8, true, x, Tensor.ones(n), normal(14, 3, n));
    }
  }

  /** Sums of so many equals are inexact, and their variance comes out below 0. */
  @Test
  void aVarianceBelowZeroCountsAsZero() {
    long n = 1 << 19;
    Tensor x = Tensor.full(new Meta(Shape.of(1, n), DType.F32, gpu), 1.2811);
    Tensor w = Tensor.full(new Meta(Shape.of(n), DType.F32, gpu), 1);
    Tensor y = Choice.with(RowNorm.class, "reread", () -> new RowNorm(1e-30).apply(x, w, w));
    assertTrue(Float.isFinite(y.sum().toFloats()[0]));
  }

  /**
   * Results halfway between two of BF16, where one bit more or less in between, as a second
   * rounding leaves it, goes to the other neighbour.
   */
  @Test
  void whatTheNaiveComputeInDoubleIsRoundedOnce() {
    Tensor x = Tensor.of(Shape.of(2, 2), 1f, -1, 1, -1); // by eps = 3, x̂ = ± 1/2
    Tensor ones = Tensor.ones(2);
    Tensor zeros = Tensor.zeros(2);
    Tensor small = ones.mul(0x1p-8);
    Tensor dy = Tensor.of(Shape.of(2, 2), 131f, 0, 126, 1);
    once(new RowNorm(3), x, ones.mul(2), small);
    once(new RowNorm.Grad(3), x, ones, dy);
    Tensor turned = x.t().contiguous();
    once(new ChannelNorm(3), turned, ones.mul(2), small);
    once(new FrozenNorm(3), turned, ones.mul(2), small, zeros, ones);
    once(new ChannelNorm.Grad(3), turned, ones, dy.t().contiguous(), zeros, ones, zeros, zeros);
    // 256 + 1 lies halfway between 256 and 258.
    Tensor slopes = Tensor.of(Shape.of(2, 2), 256f, 256, 1, 1);
    once("parts", new ChannelNorm.Grad(3), turned, ones, slopes, zeros, ones, zeros, zeros);
  }

  private void once(Op op, Tensor... in) {
    once("naive", op, in);
  }

  private void once(String variant, Op op, Tensor... in) {
    Tensor[] narrow = new Tensor[in.length];
    // Means and variances are F64.
    Arrays.setAll(narrow, i -> in[i].to(i < 3 ? DType.BF16 : DType.F64));
    Tensor[] wide = Arrays.stream(narrow).map(t -> t.to(DType.F64)).toArray(Tensor[]::new);
    Tensor[] here = CpuBackend.withReference(() -> Tensor.apply(op, wide));
    Tensor[] there = Arrays.stream(narrow).map(t -> t.to(gpu)).toArray(Tensor[]::new);
    Tensor[] got = Choice.with(op.getClass(), variant, () -> Tensor.apply(op, there));
    for (int i = 0; i < got.length; i++) {
      assertArrayEquals(
          here[i].to(got[i].dtype()).toDoubles(), got[i].toDoubles(), op + " output " + i);
    }
  }

  @Test
  void gradientsOfWeightsAreOfAllRows() {
    for (long[] shape : new long[][] {{200, 40}, {300, 64}}) {
      Tensor x = normal(15, shape);
      check(new RowNorm.Grad(1e-5), 8, true, x, normal(16, shape[1]), normal(17, shape));
    }
    // More rows than all groups take at a time, and some left over.
    RowNorm.Grad op = new RowNorm.Grad(1e-5);
    Tensor[] in = {normal(15, 17_000, 3), normal(16, 3), normal(17, 17_000, 3)};
    Tensor[] wide = Arrays.stream(in).map(x -> x.to(DType.F64)).toArray(Tensor[]::new);
    Tensor[] there = Arrays.stream(in).map(x -> x.to(gpu)).toArray(Tensor[]::new);
    Tensor[] expected = CpuBackend.withReference(() -> Tensor.apply(op, wide));
    Tensor[] got = Choice.with(RowNorm.Grad.class, "held", () -> Tensor.apply(op, there));
    for (int k = 0; k < 3; k++) {
      compare("output " + k, expected[k].toDoubles(), got[k].toDoubles(), 8, true);
    }
  }

  @Test
  void theSameBitsEachTime() {
    Tensor x = normal(18, 300, 40).to(gpu);
    Tensor w = normal(19, 40).to(gpu);
    Tensor dy = normal(20, 300, 40).to(gpu);
    Tensor[] first = Tensor.apply(new RowNorm.Grad(1e-5), x, w, dy);
    Tensor[] again = Tensor.apply(new RowNorm.Grad(1e-5), x, w, dy);
    for (int k = 0; k < first.length; k++) {
      assertArrayEquals(first[k].toFloats(), again[k].toFloats());
    }
    assertArrayEquals(x.sum().toFloats(), x.sum().toFloats());
    assertArrayEquals(x.sum(0).toFloats(), x.sum(0).toFloats());
  }
}
