package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.adjoint.Device;
import org.adjoint.emulator.Emulator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every variant of every operation moves, against a file: neither more nor less. */
class TrafficCountsTest {
  private static final Path FILE =
      Emulator.home().resolve("src/test/resources/traffic/counts.tsv");

  private final Device gpu = TestGpu.device();

  @BeforeEach
  void emulatorOnly() {
    assumeFalse(TestGpu.REAL, "a GPU does not count");
  }

  @Test
  void everyVariantMovesWhatItDid() {
    TrafficFile now;
    try (TrafficMeter meter = new TrafficMeter(gpu)) {
      now = new TrafficFile(Emulator.compiler(), meter.all());
    }
    if (Boolean.getBoolean("adjoint.traffic.accept")) {
      now.write(FILE);
    }
    TrafficFile before = TrafficFile.read(FILE);
    List<String> differences = before.differences(now);
    String message = String.join("\n", differences) + "\nif that is meant: " + TrafficFile.ACCEPT;
    assumeTrue(
        differences.isEmpty() || before.compiler().equals(now.compiler()),
        () -> before.compiler() + " counted, here is " + now.compiler() + ": " + message);
    assertTrue(differences.isEmpty(), message);
  }
}
