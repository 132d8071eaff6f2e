package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.emulator.Counters;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.op.Attention;
import org.adjoint.op.MatMul;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often the lanes of a warp must wait for one another at the banks of shared memory. */
class BankConflictsTest {
  private final Device gpu = TestGpu.device();
  private EmulatedDevice emulated;

  @BeforeEach
  void emulatorOnly() {
    assumeFalse(TestGpu.REAL, "a GPU has no such counters");
    emulated = new EmulatedDevice(Path.of(System.getProperty("adjoint.cuda.libraries")));
  }

  private Tensor normal(int seed, DType dtype, long... shape) {
    return Tensor.normal(new Philox(seed), shape).to(dtype).to(gpu);
  }

  private Counters counted(Supplier<Tensor> work) {
    emulated.count(true);
    try {
      Tensor y = work.get();
      assertTrue(y.to(Device.CPU).toDoubles().length > 0);
      return emulated.counters();
    } finally {
      emulated.count(false);
    }
  }

  private Counters product(String variant, DType dtype, String layout) {
    Tensor a = normal(1, dtype, 128, 128);
    Tensor b = normal(2, dtype, 128, 128);
    return counted(() ->
        Choice.with(
            MatMul.class,
            variant,
            () ->
                (layout.charAt(0) == 't' ? a.t() : a).matmul(layout.charAt(1) == 't' ? b.t() : b)));
  }

  @ParameterizedTest
  @CsvSource({"warptiled, F32", "mma, BF16", "tf32, F32", "3xtf32, F32"})
  void productsHaveNone(String variant, DType dtype) {
    for (String layout : new String[] {"nn", "nt", "tn", "tt"}) {
      Counters counters = product(variant, dtype, layout);
      assertTrue(counters.sharedTurns() > 1000);
      assertEquals(counters.sharedIdeal(), counters.sharedTurns(), variant + " " + layout);
    }
  }

  @Test
  void whatWarptiledIsBetterIn() {
    assertTrue(
        product("blocked", DType.F32, "nn").sharedTurns()
            > 1.4 * product("warptiled", DType.F32, "nn").sharedTurns());
  }

  @ParameterizedTest
  @CsvSource({"F32, 64", "F32, 128", "BF16, 64", "F16, 128"})
  void attentionHasNone(DType dtype, int head) {
    Tensor q = normal(3, dtype, 128, head);
    Tensor k = normal(4, dtype, 128, head);
    Tensor v = normal(5, dtype, 128, head);
    Counters there = counted(() -> Attention.fused(q, k, v, null, true));
    assertEquals(there.sharedIdeal(), there.sharedTurns(), "forward");
    Counters back =
        counted(() ->
            Grad.vjp(
                x -> new Tensor[] {Attention.fused(x[0], x[1], x[2], null, true)},
                new Tensor[] {q, k, v},
                v)[0]);
    assertEquals(back.sharedIdeal(), back.sharedTurns(), "both ways");
  }
}
