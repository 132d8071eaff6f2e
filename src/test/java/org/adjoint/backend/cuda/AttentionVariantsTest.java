package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.op.Attention;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention at sizes around those of the kernels' tiles. */
class AttentionVariantsTest {
  private final Device gpu = TestGpu.device();

  private static Tensor normal(int seed, long... shape) {
    return Tensor.normal(new Philox(seed), shape).to(DType.F32);
  }

  private static Tensor mask(long... shape) {
    Philox random = new Philox(9);
    boolean[] sees = new boolean[(int) Shape.of(shape).count()];
    for (int i = 0; i < sees.length; i++) {
      sees[i] = random.nextInt(3) > 0 && i / (int) shape[shape.length - 1] % 5 != 2;
    }
    return Tensor.of(Shape.of(shape), sees);
  }

  private static void compare(String what, Tensor here, Tensor there, double share) {
    double[] expected = here.toDoubles();
    double[] got = there.to(Device.CPU).toDoubles();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], got[k], share * largest, what + ", element " + k);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "65, 130, 33, 64, false, false",
    "64, 64, 64, 100, true, false",
    "70, 129, 128, 1, false, true",
    "130, 66, 7, 65, true, true",
    "1, 200, 16, 16, false, false"
  })
  void tilesAndWarpsAreTheReference(
      int queries, int keys, int head, int width, boolean causal, boolean masked) {
    Tensor q = normal(1, 2, queries, head);
    Tensor k = normal(2, 2, keys, head);
    Tensor v = normal(3, 2, keys, width);
    Tensor mask = masked ? mask(2, queries, keys) : null;
    Tensor expected = Attention.fused(q, k, v, mask, causal);
    Tensor maskThere = masked ? mask.to(gpu) : null;
    for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
      Tensor[] there = {q.to(dtype).to(gpu), k.to(dtype).to(gpu), v.to(dtype).to(gpu)};
      Tensor tiled = Attention.fused(there[0], there[1], there[2], maskThere, causal);
      compare(dtype + " tiled", expected, tiled, dtype == DType.F32 ? 2e-6 : 0.03);
    }
  }

  @Test
  void headsNeedNotBeCopied() {
    // [B, T, heads, D] seen as [B, heads, T, D], one set of keys for all.
    Tensor q = normal(4, 2, 9, 3, 8);
    Tensor k = normal(5, 1, 11, 3, 8);
    Tensor expected =
        Attention.fused(q.transpose(1, 2), k.transpose(1, 2), k.transpose(1, 2), null, false);
    Tensor there = k.to(gpu).transpose(1, 2);
    compare(
        "heads",
        expected,
        Attention.fused(q.to(gpu).transpose(1, 2), there, there, null, false),
        2e-6);
  }

  @Test
  void aGradientIsThatOfTheReference() {
    Tensor q = normal(6, 2, 40, 5);
    Tensor k = normal(7, 2, 37, 5);
    Tensor v = normal(8, 2, 37, 300); // more than a warp holds at a time
    Tensor dy = normal(9, 2, 40, 300);
    Tensor[] here = gradients(q, k, v, dy);
    Tensor[] there = gradients(q.to(gpu), k.to(gpu), v.to(gpu), dy.to(gpu));
    for (int i = 0; i < 3; i++) {
      compare("gradient " + i, here[i], there[i], 5e-6);
    }
  }

  private static Tensor[] gradients(Tensor q, Tensor k, Tensor v, Tensor dy) {
    Tensor[] x = {q.requireGrad(), k.requireGrad(), v.requireGrad()};
    Tensor y = Attention.fused(x[0], x[1], x[2], null, true);
    Tensor flat = y.reshape(1, y.shape().count());
    Tensor loss = flat.matmul(dy.reshape(y.shape().count(), 1));
    return Grad.of(loss.reshape(), x);
  }
}
