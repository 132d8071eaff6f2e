package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DisturbanceTest {
  @Test
  void busyIsAllButIdleAndWaiting() {
    assertEquals(
        0.01 * (1 + 2 + 4 + 32 + 64 + 128),
        Disturbance.busy("cpu  1 2 4 8 16 32 64 128 9 9"),
        1e-9);
    assertEquals(0.07, Disturbance.busy("cpu 1 2 4 8"), 1e-9);
  }

  @Test
  void aProcessBesideIsSeenAndItsOwnWorkIsNot() throws Exception {
    assumeTrue(Files.isReadable(Path.of("/proc/stat")), "no /proc/stat here");
    Process loop = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
    try {
      Disturbance ofOthers = new Disturbance(ProcessHandle.current());
      Disturbance ofNobody = new Disturbance(loop.toHandle());
      Thread.sleep(600);
      double share = 1.0 / Runtime.getRuntime().availableProcessors();
      double difference = ofOthers.share() - ofNobody.share();
      // The machine may be busy beside, but the loop is in the one and not in the other.
      assertTrue(ofOthers.share() >= 0.4 * share, "others took " + ofOthers.share());
      assertTrue(difference >= 0.2 * share, "the loop made a difference of " + difference);
    } finally {
      loop.destroyForcibly().waitFor();
    }
  }
}
