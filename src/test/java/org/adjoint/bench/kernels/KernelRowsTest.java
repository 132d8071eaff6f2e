package org.adjoint.bench.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Result;
import org.adjoint.check.Spread;
import org.adjoint.check.Timing;
import org.adjoint.op.Draw;
import org.adjoint.op.MatMul;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows of a timer's findings, against ceilings of 1 GB/s and 1 GFLOP/s. */
class KernelRowsTest {
  private static final KernelCase CASE =
      new KernelCase(
          "matmul",
          Family.spec("matmul"),
          new MatMul(),
          DType.F32,
          List.of(Draw.normal(2, 3), Draw.normal(3, 4)),
          new Template.Call(new MatMul()));

  private final KernelRows rows =
      new KernelRows("cuda:0", new Roofline(new Ceilings(true, 1e9, Map.of("F32", 1e9))));

  private static Timing timing(String variant, double flop, double us, @Nullable Counts counts) {
    Spread cold = us == 0 ? null : new Spread(Collections.nCopies(20, us * 1e-6), true);
    return new Timing(
        "matmul", variant, DType.F32, "", 1000, flop, cold, cold, 1e9, false, 0.5, true, "", counts,
        List.of());
  }

  private Result row(Timing timing) {
    return rows.row(CASE, timing, true, Map.of(), Map.of());
  }

  @Test
  void aMeasuredRowHasItsSamplesAndWarmTimes() {
    Result row = row(timing("tiled", 500, 4, null));
    assertEquals("us", row.unit());
    assertEquals(4, row.median(), 1e-9);
    assertEquals(20, row.n());
    assertEquals("[2, 3] [3, 4]", row.shape());
    assertEquals(4, assertPresent(KernelLines.facts(row).warm()).median(), 1e-9);
    assertNull(KernelLines.facts(row).impliedUs());
    assertTrue(KernelLines.times(row).startsWith("  * tiled         0.50       4.00"));
  }

  private static <T> T assertPresent(T value) {
    assertNotNull(value);
    return value;
  }

  @Test
  void whatIsFasterThanMemoryOrArithmeticIsAnError() {
    assertNull(rows.problem(CASE, timing("tiled", 500, 1, null)));
    assertNull(rows.problem(CASE, timing("tiled", 500, 0.975, null)));
    String memory = assertPresent(rows.problem(CASE, timing("tiled", 500, 0.95, null)));
    assertTrue(memory.contains("105.3 % of the roofline"), memory);
    assertNull(rows.problem(CASE, timing("tiled", 2000, 2, null)));
    String arithmetic = assertPresent(rows.problem(CASE, timing("tiled", 2000, 1.5, null)));
    assertTrue(arithmetic.contains("133.3 % of the roofline"), arithmetic);
  }

  @Test
  void impliedTimesAreTheLargerOfTwo() {
    Counts counts = new Counts(1, 800, 400, 60, 50, 40, 1, 2, 3);
    Result moves = row(timing("tiled", 500, 0, counts));
    assertEquals(1.6, assertPresent(KernelLines.facts(moves).impliedUs()), 1e-12);
    Result computes = row(timing("tiled", 5000, 0, counts));
    assertEquals(5, assertPresent(KernelLines.facts(computes).impliedUs()), 1e-12);
    Result library = row(timing("cublas", 500, 0, new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0)));
    assertNull(KernelLines.facts(library).impliedUs());
    assertEquals(KernelRows.CHECKED, library.unit());
  }

  @Test
  void theKindOfArithmeticIsTheVariants() {
    assertEquals("F32", Roofline.math("tiled", DType.BF16));
    assertEquals("BF16", Roofline.math("mma", DType.F16));
    assertEquals("TF32", Roofline.math("3xtf32", DType.F32));
    assertEquals("F64", Roofline.math("cublas", DType.F64));
    Timing three = timing("3xtf32", 500, 0, null);
    assertEquals(
        3 * 500 / 494e12,
        new Roofline(Roofline.H100).seconds(three, 0),
        1e-24,
        "of three products");
  }

  @Test
  void barsAreInEighths() {
    assertEquals("█".repeat(40), Ladder.bar(1));
    assertEquals("█".repeat(20), Ladder.bar(0.5));
    assertEquals("█▌", Ladder.bar(1.5 / 40));
    assertEquals("", Ladder.bar(0));
  }
}
