package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Kernel;
import org.adjoint.op.Attention;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention at sizes around those of the kernels' tiles. */
class AttentionVariantsTest {
  private final Device gpu = TestGpu.device();

  private static Tensor normal(int seed, long... shape) {
    return Tensor.normal(new Philox(seed), shape).to(DType.F32);
  }

  /** Two of three keys, seen by all queries or by four of five: the others are blind. */
  private static Tensor mask(boolean blind, long... shape) {
    Philox random = new Philox(9);
    boolean[] sees = new boolean[(int) Shape.of(shape).count()];
    for (int i = 0; i < sees.length; i++) {
      boolean isBlind = blind && i / (int) shape[shape.length - 1] % 5 == 2;
      sees[i] = random.nextInt(3) > 0 && !isBlind;
    }
    return Tensor.of(Shape.of(shape), sees);
  }

  private static void compare(String what, Tensor here, Tensor there, double share) {
    double[] expected = here.toDoubles();
    double[] got = there.to(Device.CPU).toDoubles();
    double largest =
        Arrays.stream(expected).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], got[k], share * largest, what + ", element " + k);
    }
  }

  private static Class<? extends Kernel> kernel(String name) {
    try {
      return Class.forName("org.adjoint.op." + name).asSubclass(Kernel.class);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** The sizes of q and v, and what is seen. */
  private record Case(int queries, int keys, int head, int width, boolean causal, boolean masked) {
    /** q, k, v and dy. */
    Tensor[] inputs(DType dtype) {
      return new Tensor[] {
        normal(1, 2, queries, head).to(dtype),
        normal(2, 2, keys, head).to(dtype),
        normal(3, 2, keys, width).to(dtype),
        normal(4, 2, queries, width).to(dtype)
      };
    }

    Tensor mask() {
      return mask(true);
    }

    Tensor mask(boolean blind) {
      return masked ? AttentionVariantsTest.mask(blind, 2, queries, keys) : null;
    }
  }

  /** What a variant errs, and rounding to a dtype. */
  private static double share(DType dtype) {
    return dtype == DType.F32 ? 5e-6 : 4 * dtype.unitRoundoff();
  }

  private void check(Case shape, DType dtype, String variant) {
    check(shape, shape.mask(), dtype, variant);
  }

  private void check(Case shape, Tensor mask, DType dtype, String variant) {
    Tensor[] in = shape.inputs(dtype);
    Tensor[] wide = moved(in, DType.F32, Device.CPU);
    Tensor there = mask == null ? null : mask.to(gpu);
    String what = variant + " " + dtype + " " + shape;
    compare(
        what,
        Attention.fused(wide[0], wide[1], wide[2], mask, shape.causal),
        Choice.with(
            kernel("FusedAttention"),
            variant,
            () -> {
              Tensor[] x = moved(in, dtype, gpu);
              return Attention.fused(x[0], x[1], x[2], there, shape.causal);
            }),
        share(dtype));
    Tensor[] expected = gradients(wide, mask, shape.causal);
    Tensor[] got =
        Choice.with(
            kernel("FusedAttentionGradient"),
            variant,
            () -> gradients(moved(in, dtype, gpu), there, shape.causal));
    for (int i = 0; i < 3; i++) {
      compare(what + " gradient " + i, expected[i], got[i], share(dtype));
    }
  }

  private static Tensor[] moved(Tensor[] x, DType dtype, Device device) {
    return Arrays.stream(x).map(y -> y.to(dtype).to(device)).toArray(Tensor[]::new);
  }

  @ParameterizedTest
  @CsvSource({
    "65, 130, 33, 64, false, false",
    "64, 64, 64, 100, true, false",
    "70, 129, 128, 1, false, true",
    "130, 66, 3, 65, true, true",
    "200, 70, 16, 16, true, false",
    "1, 200, 1, 16, false, false"
  })
  void sizesAroundThoseOfTiles(
      int queries, int keys, int head, int width, boolean causal, boolean masked) {
    Case shape = new Case(queries, keys, head, width, causal, masked);
    check(shape, DType.F32, "tiled");
    check(shape, DType.BF16, "mma");
    check(shape, DType.F16, "mma");
  }

  /** Whose gradients are finite, so that nothing is computed anew. */
  @ParameterizedTest
  @CsvSource({"F32, tiled", "BF16, mma", "F16, mma"})
  void allQueriesSeeSomething(DType dtype, String variant) {
    Case shape = new Case(130, 129, 16, 24, false, true);
    check(shape, shape.mask(false), dtype, variant);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, tiled, true",
    "BF16, mma, true",
    "F32, naive, true",
    "F32, tiled, false",
    "BF16, mma, false"
  })
  void whatIsNotSeenHasNoPart(DType dtype, String variant, boolean causal) {
    // NaN and infinity among the last keys and values, and in the first query and what comes back.
    Case shape = new Case(65, 97, 5, 9, causal, true);
    Tensor[] in = shape.inputs(dtype);
    for (int i = 0; i < 4; i++) {
      double[] x = in[i].toDoubles();
      double odd = i % 2 == 0 ? Double.NaN : Double.POSITIVE_INFINITY;
      x[i == 0 || i == 3 ? 1 : x.length / 2 - 3] = odd;
      in[i] = Tensor.of(in[i].shape(), x).to(dtype);
    }
    Tensor mask = shape.mask();
    Tensor there = mask.to(gpu);
    Tensor[] wide = moved(in, DType.F32, Device.CPU);
    compare(
        "y",
        Attention.fused(wide[0], wide[1], wide[2], mask, causal),
        Choice.with(
            kernel("FusedAttention"),
            variant,
            () -> {
              Tensor[] x = moved(in, dtype, gpu);
              return Attention.fused(x[0], x[1], x[2], there, causal);
            }),
        share(dtype));
    Tensor[] expected = gradients(wide, mask, causal);
    Tensor[] got =
        Choice.with(
            kernel("FusedAttentionGradient"),
            variant,
            () -> gradients(moved(in, dtype, gpu), there, causal));
    for (int i = 0; i < 3; i++) {
      compare("gradient " + i, expected[i], got[i], share(dtype));
    }
  }

  /** Scores around −120, whose exponentials are 0. */
  @ParameterizedTest
  @CsvSource({"F32, tiled", "BF16, mma", "F32, naive"})
  void scoresMayBeFarBelowZero(DType dtype, String variant) {
    Tensor q = Tensor.full(new Meta(Shape.of(5, 4), dtype, Device.CPU), 10);
    Tensor k = normal(10, 70, 4).mul(0.1).sub(6).to(dtype);
    Tensor v = normal(11, 70, 3).to(dtype);
    Tensor[] wide = moved(new Tensor[] {q, k, v}, DType.F32, Device.CPU);
    compare(
        "y",
        Attention.fused(wide[0], wide[1], wide[2], null, false),
        Choice.with(
            kernel("FusedAttention"),
            variant,
            () -> Attention.fused(q.to(gpu), k.to(gpu), v.to(gpu), null, false)),
        dtype == DType.F32 ? 5e-5 : share(dtype));
  }

  @Test
  void theSameBitsEachTime() {
    Tensor[] in = new Case(90, 150, 20, 20, true, false).inputs(DType.BF16);
    Tensor[] first = gradients(moved(in, DType.BF16, gpu), null, true);
    Tensor[] again = gradients(moved(in, DType.BF16, gpu), null, true);
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(first[i].toDoubles(), again[i].toDoubles());
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, tiled", "F32, naive", "BF16, mma"})
  void headsNeedNotBeCopied(DType dtype, String variant) {
    // [B, T, heads, D] seen as [B, heads, T, D], one set of keys for all.
    Tensor q = normal(4, 2, 9, 3, 8).to(dtype);
    Tensor k = normal(5, 1, 11, 3, 8).to(dtype);
    Tensor[] wide = moved(new Tensor[] {q, k}, DType.F32, Device.CPU);
    Tensor keys = wide[1].transpose(1, 2);
    Tensor there = k.to(gpu).transpose(1, 2);
    compare(
        "heads",
        Attention.fused(wide[0].transpose(1, 2), keys, keys, null, false),
        Choice.with(
            kernel("FusedAttention"),
            variant,
            () -> Attention.fused(q.to(gpu).transpose(1, 2), there, there, null, false)),
        share(dtype));
  }

  @ParameterizedTest
  @CsvSource({"F32, tiled", "F32, naive", "BF16, mma"})
  void batchesOfThreeAxesLieAnyhow(DType dtype, String variant) {
    Tensor[] wide = new Tensor[3];
    Tensor[] there = new Tensor[3];
    for (int i = 0; i < 3; i++) {
      Tensor x = normal(12 + i, 2, 3, 2, 7, 8).to(dtype);
      wide[i] = x.to(DType.F32).permute(2, 1, 0, 3, 4);
      there[i] = x.to(gpu).permute(2, 1, 0, 3, 4);
    }
    compare(
        "batches",
        Attention.fused(wide[0], wide[1], wide[2], null, false),
        Choice.with(
            kernel("FusedAttention"),
            variant,
            () -> Attention.fused(there[0], there[1], there[2], null, false)),
        share(dtype));
  }

  /**
   * Rows that are not finite are computed anew, as by the naive kernel, which rounds no factors.
   */
  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void finiteRowsAreNotComputedAnew(DType dtype) {
    Tensor[] in = moved(new Case(70, 70, 40, 40, false, false).inputs(dtype), dtype, gpu);
    Tensor[][] results = new Tensor[2][];
    for (int i = 0; i < 2; i++) {
      String way = i == 0 ? "mma" : "naive";
      Tensor y =
          Choice.with(
              kernel("FusedAttention"),
              way,
              () -> Attention.fused(in[0], in[1], in[2], null, false));
      Tensor[] gradients =
          Choice.with(kernel("FusedAttentionGradient"), way, () -> gradients(in, null, false));
      results[i] = new Tensor[] {y, gradients[0], gradients[1], gradients[2]};
    }
    for (int k = 0; k < 4; k++) {
      double[] fast = results[0][k].toDoubles();
      double[] naive = results[1][k].toDoubles();
      for (int row = 0; row < fast.length; row += 40) {
        assertFalse(
            Arrays.equals(fast, row, row + 40, naive, row, row + 40),
            "result " + k + ", row " + row / 40);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGradientIsThatOfTheReference(boolean causal) {
    Tensor q = normal(6, 2, 40, 257); // one more than a warp holds at a time
    Tensor k = normal(7, 2, 37, 257);
    Tensor v = normal(8, 2, 37, 257);
    Tensor dy = normal(9, 2, 40, 257);
    Tensor[] in = {q, k, v, dy};
    Tensor[] here = gradients(in, null, causal);
    Tensor[] there = gradients(moved(in, DType.F32, gpu), null, causal);
    for (int i = 0; i < 3; i++) {
      compare("gradient " + i, here[i], there[i], 5e-6);
    }
  }

  /** Of q, k, v and dy. */
  private static Tensor[] gradients(Tensor[] in, Tensor mask, boolean causal) {
    return Grad.vjp(
        x -> new Tensor[] {Attention.fused(x[0], x[1], x[2], mask, causal)},
        Arrays.copyOf(in, 3),
        in[3]);
  }
}
