package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.op.ChannelNorm;
import org.adjoint.op.FrozenNorm;
import org.junit.jupiter.api.Test;

/** Batch norm on a GPU and on the CPU, at sizes that straddle parts, packs, blocks and pieces. */
class ChannelVariantsTest {
  private static final long[][] SHAPES = {
    {2, 3, 31},
    {2, 3, 32},
    {3, 2, 33},
    {5, 2, 8, 8},
    {1, 2, 8193},
    {2, 1, 8200},
    {3, 1, 5000},
    {300, 2},
    {129, 5},
    {7, 128},
    {37, 130},
    {40, 3, 5},
    {1, 5, 1},
    {3, 5, 49},
    {32, 7, 7, 7},
    {3, 2, 98},
    {2, 35, 16},
    {2, 2, 4096},
    {2, 2, 4097}
  };

  private static Tensor normal(int seed, long... shape) {
    return Tensor.normal(new Philox(seed), shape);
  }

  /** x, w, b, dy, mean, variance, and the gradients of these two. */
  private static Tensor[] inputs(double mean, long... shape) {
    long c = shape[1];
    return new Tensor[] {
      normal(1, shape).add(mean),
      normal(2, c),
      normal(3, c),
      normal(4, shape),
      normal(5, c).mul(0.1).add(mean).to(DType.F64),
      normal(6, c).pow(2).add(0.5).to(DType.F64),
      normal(7, c).to(DType.F64),
      normal(8, c).to(DType.F64)
    };
  }

  private static Tensor[] pick(Tensor[] all, int... which) {
    return Arrays.stream(which).mapToObj(i -> all[i]).toArray(Tensor[]::new);
  }

  /** Whether all outputs are those of the reference in F64, but for {@code ulps} of the largest. */
  private static void compare(String what, Op op, double ulps, Tensor[] in, Supplier<Tensor[]> y) {
    Tensor[] wide = Arrays.stream(in).map(x -> x.to(DType.F64)).toArray(Tensor[]::new);
    Tensor[] expected = CpuBackend.withReference(() -> Tensor.apply(op, wide));
    Tensor[] got = y.get();
    for (int k = 0; k < got.length; k++) {
      double[] want = expected[k].toDoubles();
      double largest = Arrays.stream(want).map(Math::abs).max().orElse(0);
      double[] is = got[k].toDoubles();
      for (int i = 0; i < is.length; i++) {
        String where = "%s %s output %d element %d".formatted(op, what, k, i);
        assertEquals(want[i], is[i], ulps * 0x1p-23 * largest + Float.MIN_NORMAL, where);
      }
    }
  }

  /** Whether registers take a channel, whose runs fill two sectors. */
  private static boolean isHeld(Shape x) {
    return x.count() / x.size(1) <= 8192 && x.countAfter(1) >= 16;
  }

  private static Set<String> everywhere(Op op, double ulps, Tensor... in) {
    Device gpu = TestGpu.device();
    Set<String> taken = new TreeSet<>();
    String shape = in[0].shape().toString();
    compare("on the CPU " + shape, op, ulps, in, () -> Tensor.apply(op, in));
    for (Variant variant : op.cuda()) {
      if (variant.name().equals("held") && !isHeld(in[0].shape())) {
        continue;
      }
      try (Scope _ = Scope.open()) {
        Tensor[] there = Arrays.stream(in).map(x -> x.to(gpu)).toArray(Tensor[]::new);
        compare(
            variant.name() + " " + shape,
            op,
            ulps,
            in,
            () -> Choice.with(op.getClass(), variant.name(), () -> Tensor.apply(op, there)));
        taken.add(variant.name());
      }
    }
    return taken;
  }

  @Test
  void channelsOfAllShapes() {
    for (long[] shape : SHAPES) {
      Tensor[] in = inputs(1, shape);
      assertEquals(
          isHeld(in[0].shape()) ? Set.of("held", "naive", "parts") : Set.of("naive", "parts"),
          everywhere(new ChannelNorm(1e-3), 8, pick(in, 0, 1, 2)));
      everywhere(new FrozenNorm(1e-3), 4, pick(in, 0, 1, 2, 4, 5));
      everywhere(new ChannelNorm.Grad(1e-3), 8, pick(in, 0, 1, 3, 4, 5, 6, 7));
    }
  }

  @Test
  void aMeanThatIsLargeCostsNoDigits() {
    for (long[] shape : new long[][] {{50, 2, 40}, {400, 3}}) {
      Tensor[] in = inputs(1e4, shape);
      Tensor[] y = Tensor.apply(new ChannelNorm(1e-5), pick(in, 0, 1, 2));
      everywhere(new ChannelNorm(1e-5), 4, pick(in, 0, 1, 2));
      in[4] = y[1];
      in[5] = y[2];
      everywhere(new ChannelNorm.Grad(1e-5), 8, pick(in, 0, 1, 3, 4, 5, 6, 7));
      everywhere(new FrozenNorm(1e-5), 4, pick(in, 0, 1, 2, 4, 5));
    }
  }

  @Test
  void anOutlierThatComesFirstCostsNoDigits() {
    double[] x = normal(9, 600, 2).toDoubles();
    x[0] = 1e4;
    x[1] = -3e4;
    Tensor in = Tensor.of(Shape.of(600, 2), x).to(DType.F32);
    everywhere(new ChannelNorm(1e-5), 8, in, Tensor.ones(2), Tensor.zeros(2));
    everywhere(
        new ChannelNorm(1e-5),
        8,
        in.t().reshape(1, 2, 600).contiguous(),
        Tensor.ones(2),
        Tensor.zeros(2));
  }

  @Test
  void theSameBitsEachTime() {
    Device gpu = TestGpu.device();
    for (long[] shape : new long[][] {{3, 2, 5000}, {300, 5}}) {
      Tensor[] in =
          Arrays.stream(pick(inputs(0, shape), 0, 1, 3, 4, 5, 6, 7))
              .map(x -> x.to(gpu))
              .toArray(Tensor[]::new);
      Tensor[] first = Tensor.apply(new ChannelNorm.Grad(1e-5), in);
      Tensor[] again = Tensor.apply(new ChannelNorm.Grad(1e-5), in);
      for (int k = 0; k < first.length; k++) {
        assertArrayEquals(first[k].toFloats(), again[k].toFloats());
      }
      assertTrue(first[0].toFloats()[0] != 0);
    }
  }
}
