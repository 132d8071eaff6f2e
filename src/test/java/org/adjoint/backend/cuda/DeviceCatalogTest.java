package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.check.DeviceCheck;
import org.adjoint.check.Failure;
import org.adjoint.check.Tally;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every variant of every operation of the catalog, on the emulator or on a GPU: a sample of what
 * {@code adjoint check --device} tries.
 */
class DeviceCatalogTest {
  private static final DeviceCheck.Effort SAMPLE =
      new DeviceCheck.Effort(List.of(1L, 2L), 2, 5_000, 1, TestGpu::schedule);

  private static int passed;
  private static int failed;
  private static int skipped;
  private static long shapes;
  private static long refused;

  @TestFactory
  Stream<DynamicTest> everyVariantGivesWhatTheReferenceGives() {
    Device gpu = TestGpu.device();
    return OpCatalog.all().stream()
        .map(spec -> DynamicTest.dynamicTest(spec.name(), () -> check(spec, gpu)));
  }

  private static void check(OpSpec spec, Device gpu) {
    for (String variant : DeviceCheck.variants(spec)) {
      DeviceCheck.Outcome outcome = DeviceCheck.of(spec, variant, gpu, SAMPLE);
      if (outcome.lost()) {
        TestGpu.recover();
      }
      Tally tally = outcome.tally();
      if (tally == null) {
        skipped++;
        continue;
      }
      List<Failure> failures = tally.failures();
      failed += failures.isEmpty() ? 0 : 1;
      passed += failures.isEmpty() ? 1 : 0;
      shapes += outcome.shapes();
      refused += outcome.refused();
      assertEquals(List.of(), failures, variant);
    }
  }

  @AfterAll
  static void say() {
    System.out.printf(
        "%s: %d passed, %d failed, %d skipped; shapes drawn: %d compared, %d refused%n",
        TestGpu.REAL ? "gpu" : "emulator", passed, failed, skipped, shapes, refused);
  }
}
