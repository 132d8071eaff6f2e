package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.op.MatMul;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of small integers, which are exact in whatever order they are summed. */
class MatMulVariantsTest {
  private final Device gpu = TestGpu.device();

  static Stream<String> variants() {
    return MatMulVariants.all().stream().map(Variant::name);
  }

  private static Tensor integers(long... shape) {
    Philox random = new Philox(Shape.of(shape).hashCode());
    double[] x = new double[(int) Shape.of(shape).count()];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(7) - 3;
    }
    return Tensor.of(Shape.of(shape), x).to(DType.F32);
  }

  /** The product there must be that here. */
  private void check(String variant, Tensor a, Tensor b) {
    // The first moves what is stored, and the second makes the same view of it.
    check(variant, a, b, a.to(gpu), b.to(gpu));
  }

  private static void check(String variant, Tensor a, Tensor b, Tensor aThere, Tensor bThere) {
    if (!takes(variant, a.dtype())) {
      DType instead = variant.equals("mma") ? DType.BF16 : DType.F32;
      check(variant, a.to(instead), b.to(instead), aThere, bThere);
      return;
    }
    DType dtype = a.dtype();
    Tensor y =
        Choice.with(
            MatMul.class, variant, () -> narrow(aThere, dtype).matmul(narrow(bThere, dtype)));
    assertArrayEquals(
        a.matmul(b).toDoubles(),
        y.to(Device.CPU).toDoubles(),
        () -> variant + " " + a.dtype() + " " + a.shape() + " × " + b.shape());
  }

  private static boolean takes(String variant, DType dtype) {
    return switch (variant) {
      case "mma" -> dtype == DType.BF16 || dtype == DType.F16;
      case "tf32", "3xtf32" -> dtype == DType.F32;
      case "split", "warptiled", "blocked" -> dtype == DType.F32 || dtype == DType.F64;
      default -> true;
    };
  }

  /** The same view of the elements in {@code dtype}. */
  private static Tensor narrow(Tensor x, DType dtype) {
    return x.dtype() == dtype ? x : x.shape().rank() == 2 ? x.t().to(dtype).t() : x.to(dtype);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void sizesAroundThoseOfItsTiles(String variant) {
    long[][] sizes = {
      {1, 1, 1}, {128, 16, 128}, {127, 17, 129}, {129, 8, 63}, {31, 33, 65}, {64, 64, 32}, {3, 0, 4}
    };
    for (long[] size : sizes) {
      check(variant, integers(size[0], size[1]), integers(size[1], size[2]));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aLongSumOfFewElements(String variant) {
    check(variant, integers(5, 1037), integers(1037, 6));
    check(variant, integers(2, 3, 700), integers(2, 700, 2));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void allDtypes(String variant) {
    for (DType dtype : List.of(DType.F64, DType.BF16, DType.F16)) {
      check(variant, integers(65, 19).to(dtype), integers(19, 66).to(dtype));
      check(variant, integers(2, 600).to(dtype), integers(600, 3).to(dtype));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void transposesAndSlices(String variant) {
    Tensor a = integers(40, 36);
    Tensor b = integers(36, 44);
    Tensor at = integers(36, 40);
    Tensor bt = integers(44, 36);
    Tensor[] there = {a.to(gpu), b.to(gpu), at.to(gpu), bt.to(gpu)};
    check(variant, a, bt.t(), there[0], there[3].t());
    check(variant, at.t(), b, there[2].t(), there[1]);
    check(variant, at.t(), bt.t(), there[2].t(), there[3].t());
    // Rows that begin at no multiple of 16 bytes, and every second column.
    check(
        variant,
        a.slice(1, 3, 36),
        b.slice(0, 3, 36),
        there[0].slice(1, 3, 36),
        there[1].slice(0, 3, 36));
    check(
        variant,
        at.t().slice(0, 1, 38),
        bt.t().slice(1, 5, 9),
        there[2].t().slice(0, 1, 38),
        there[3].t().slice(1, 5, 9));
    check(variant, a.flip(0), b.flip(1), there[0].flip(0), there[1].flip(1));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void longSumsInBatches(String variant) {
    check(variant, integers(3, 5, 520), integers(3, 520, 4));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void batchesThatLieAnyhow(String variant) {
    Tensor a = integers(3, 5, 7, 8);
    Tensor b = integers(3, 8, 5, 6);
    Tensor aThere = a.to(gpu);
    Tensor bThere = b.to(gpu);
    // Heads before positions, as in attention.
    check(variant, a, b.transpose(1, 2), aThere, bThere.transpose(1, 2));
    // One for all, along the first axis or the second.
    check(
        variant,
        a.slice(0, 1, 2),
        b.transpose(1, 2),
        aThere.slice(0, 1, 2),
        bThere.transpose(1, 2));
    check(
        variant,
        a.slice(1, 1, 2),
        b.transpose(1, 2),
        aThere.slice(1, 1, 2),
        bThere.transpose(1, 2));
    check(variant, a.flip(1), b.transpose(1, 2), aThere.flip(1), bThere.transpose(1, 2));
    // More of them than are multiplied one by one.
    Tensor many = integers(2, 11, 10, 3);
    check(
        variant,
        many.transpose(0, 2).transpose(2, 3),
        integers(10, 11, 2, 2),
        many.to(gpu).transpose(0, 2).transpose(2, 3),
        integers(10, 11, 2, 2).to(gpu));
  }

  /** y ← y + a·b, of matrices of one shape. */
  private record Adding() implements Kernel {
    @Override
    public void reference(Dense[] in, Dense[] out) {
      throw new AssertionError();
    }

    @Override
    public List<Variant> cuda() {
      return List.of(
          Variant.of("blas", (gpu, in, out) -> gpu.gemm(in[1], in[2], out[0], true)),
          Variant.of(
              "kernel",
              (gpu, in, out) -> gpu.gemm().byKernel(Rung.SPLIT, in[1], in[2], out[0], true)),
          Variant.of(
              "tensor",
              (gpu, in, out) -> gpu.gemm().byKernel(Rung.THREE_TF32, in[1], in[2], out[0], true)));
    }
  }

  @Test
  void productsAreAdded() {
    for (long n : new long[] {4, 33, 520}) { // the last is cut into pieces
      Tensor y = integers(1, n, n).squeeze(0);
      Tensor a = integers(n, n);
      double[] expected = y.add(a.matmul(a.t())).toDoubles();
      for (String variant : List.of("blas", "kernel", "tensor")) {
        Tensor there = y.to(gpu);
        Tensor factor = a.to(gpu);
        Choice.with(
            Adding.class,
            variant,
            () -> {
              Tensor.update(new Adding(), new Tensor[] {there}, factor, factor.t());
              return true;
            });
        assertArrayEquals(expected, there.to(Device.CPU).toDoubles(), variant + " " + n);
      }
    }
  }

  /** a·b, written where the axes of batches lie the other way round. */
  private record Turned() implements Op {
    @Override
    public Meta[] infer(Meta... in) {
      long[] a = in[0].shape().toArray();
      return new Meta[] {in[0].with(Shape.of(a[2], a[1], a[0], a[3], in[1].shape().size(-1)))};
    }

    @Override
    public void reference(Dense[] in, Dense[] out) {
      throw new AssertionError();
    }

    @Override
    public List<Variant> cuda() {
      return List.of(
          Variant.of(
              "kernel",
              (gpu, in, out) -> {
                Layout turned = out[0].layout().permute(2, 1, 0, 3, 4);
                Operand y = new Operand(out[0].storage(), turned);
                gpu.gemm().byKernel(Rung.SPLIT, in[0], in[1], y, false);
              }));
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor... dy) {
      throw new AssertionError();
    }
  }

  @Test
  void productsAreWrittenToBatchesThatLieAnyhow() {
    Tensor a = integers(2, 3, 2, 3, 520); // cut into pieces
    Tensor b = integers(2, 3, 2, 520, 4);
    Tensor y = new Turned().apply(a.to(gpu), b.to(gpu));
    assertArrayEquals(a.matmul(b).permute(2, 1, 0, 3, 4).toDoubles(), y.toDoubles());
  }

  @Test
  void theSameBitsEachTime() {
    Tensor a = Tensor.normal(new Philox(1), 9, 1500).to(gpu);
    Tensor b = Tensor.normal(new Philox(2), 1500, 7).to(gpu);
    Tensor first = Choice.with(MatMul.class, "split", () -> a.matmul(b));
    Tensor again = Choice.with(MatMul.class, "split", () -> a.matmul(b));
    assertArrayEquals(first.toFloats(), again.toFloats());
    assertEquals(Shape.of(9, 7), first.shape());
  }

  /** The largest error of a variant, as a share of Σ|terms|. */
  private double error(String variant, Tensor a, Tensor b) {
    double[] expected = a.to(DType.F64).matmul(b.to(DType.F64)).toDoubles();
    double[] terms = a.abs().to(DType.F64).matmul(b.abs().to(DType.F64)).toDoubles();
    Tensor aThere = a.to(gpu);
    Tensor bThere = b.to(gpu);
    double[] y =
        (variant.isEmpty()
                ? aThere.matmul(bThere)
                : Choice.with(MatMul.class, variant, () -> aThere.matmul(bThere)))
            .to(Device.CPU)
            .toDoubles();
    double most = 0;
    for (int i = 0; i < y.length; i++) {
      most = Math.max(most, Math.abs(y[i] - expected[i]) / terms[i]);
    }
    return most;
  }

  @Test
  void threeRoundedProductsAreAsGoodAsFloats() {
    for (long k : new long[] {1, 8, 300}) {
      Tensor a = Tensor.normal(new Philox(3), 40, k).to(DType.F32);
      Tensor b = Tensor.normal(new Philox(4), k, 50).to(DType.F32);
      double three = error("3xtf32", a, b);
      assertTrue(three <= 2 * error("naive", a, b) + 0x1p-21 / k, "k = " + k + ": " + three);
      double one = error("tf32", a, b);
      assertTrue(one > 64 * three && one < 0x1p-10, "k = " + k + ": " + one);
    }
  }

  @Test
  void nobodyRoundsUnasked() {
    Tensor a = Tensor.normal(new Philox(5), 9, 33).to(DType.F32);
    Tensor b = Tensor.normal(new Philox(6), 33, 7).to(DType.F32);
    assertTrue(error("", a, b) < 0x1p-20);
    Kernel rounding =
        new Kernel() {
          @Override
          public void reference(Dense[] in, Dense[] out) {
            throw new AssertionError();
          }

          @Override
          public List<Variant> cuda() {
            return MatMulVariants.all().stream()
                .filter(variant -> variant.name().equals("tf32"))
                .toList();
          }
        };
    Tensor there = a.to(gpu);
    assertThrows(
        NoKernelException.class, () -> Tensor.update(rounding, new Tensor[] {there}, there, there));
  }

  @Test
  void infinitiesAndLargeNumbersAreSplitToo() {
    float inf = Float.POSITIVE_INFINITY;
    Tensor a = Tensor.of(Shape.of(3, 2), new float[] {inf, 1, Float.NaN, 1, 0x1p127f, 1});
    Tensor b = Tensor.of(Shape.of(2, 2), new float[] {1, -2, 3, 4}).to(gpu);
    Tensor there = a.to(gpu);
    assertArrayEquals(
        new float[] {inf, -inf, Float.NaN, Float.NaN, 0x1p127f, -inf},
        Choice.with(MatMul.class, "3xtf32", () -> there.matmul(b)).toFloats());
  }

  @Test
  void infinitiesInEveryRow() {
    float[] ones = new float[130 * 40];
    Arrays.fill(ones, 1);
    Tensor b = Tensor.of(Shape.of(40, 130), ones).to(gpu);
    for (int row = 0; row < 130; row++) {
      ones[row * 40 + 7] = Float.POSITIVE_INFINITY;
    }
    Tensor a = Tensor.of(Shape.of(130, 40), ones).to(gpu);
    float[] infinities = new float[130 * 130];
    Arrays.fill(infinities, Float.POSITIVE_INFINITY);
    for (String variant : new String[] {"3xtf32", "tf32"}) {
      assertArrayEquals(
          infinities, Choice.with(MatMul.class, variant, () -> a.matmul(b)).toFloats(), variant);
    }
  }
}
