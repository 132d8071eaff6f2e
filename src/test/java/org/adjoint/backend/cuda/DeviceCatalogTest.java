package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.check.DeviceCheck;
import org.adjoint.check.Tally;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every variant of every operation of the catalog, on the emulator or on a GPU. */
class DeviceCatalogTest {
  private static int passed;
  private static int failed;
  private static int skipped;

  @TestFactory
  Stream<DynamicTest> everyVariantGivesWhatTheReferenceGives() {
    Device gpu = TestGpu.device();
    return OpCatalog.all().stream()
        .map(spec -> DynamicTest.dynamicTest(spec.name(), () -> check(spec, gpu)));
  }

  private static void check(OpSpec spec, Device gpu) {
    for (DeviceCheck.Outcome outcome : DeviceCheck.of(spec, gpu)) {
      Tally tally = outcome.tally();
      if (tally == null) {
        skipped++;
        continue;
      }
      failed += tally.failures().isEmpty() ? 0 : 1;
      passed += tally.failures().isEmpty() ? 1 : 0;
      assertEquals(List.of(), tally.failures(), outcome.variant());
    }
  }

  @AfterAll
  static void say() {
    System.out.printf(
        "%s: %d passed, %d failed, %d skipped%n",
        TestGpu.REAL ? "gpu" : "emulator", passed, failed, skipped);
  }
}
