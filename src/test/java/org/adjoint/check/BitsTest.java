package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.adjoint.backend.cpu.Parallel;
import org.junit.jupiter.api.Test;

/** The same bits whatever the JVM is told; {@code adjoint check --all} tries more ways. */
class BitsTest {
  private static final List<String> OPS = List.of("matmul", "sum", "relu", "conv", "softmax");

  private static String here() {
    return Digest.of(Digest.named(OPS));
  }

  @Test
  void scalarLoopsAndTheInterpreterAgreeWithThisJvm() {
    String here = here();
    for (String flags : List.of("-Dadjoint.simd=scalar", "-Xint")) {
      Bits bits = Bits.of(flags, 0, OPS);
      assertEquals(here, bits.cold(), flags);
      assertTrue(bits.equal(bits), flags);
    }
  }

  @Test
  void compiledCodeAgreesWithFreshCode() {
    String before = here();
    Digest.warmUp(2_000, Digest.named(OPS));
    assertEquals(before, here());
  }

  @Test
  void threadsDoNotMatter() {
    String alone = Parallel.callWithThreads(1, BitsTest::here);
    assertEquals(alone, Parallel.callWithThreads(3, BitsTest::here));
  }

  @Test
  void childThatFailsSaysWhy() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> Bits.of("-Dadjoint.simd=7", 0, List.of("add")));
    assertTrue(String.valueOf(e.getMessage()).contains("adjoint.simd=7"), e.getMessage());
  }
}
