package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.adjoint.backend.cuda.NeedsGpu;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.emulator.Emulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package on a device: emulated, and real where there is one. */
class OnDeviceTest {
  private static final Path PROBE = Path.of("src/test/cuda/driver/probe.cu");

  @TempDir Path folder;

  private static void allPass(Native.Output output) {
    List<String> failures = output.lines().stream().filter(line -> !line.endsWith(": ok")).toList();
    assertEquals(List.of(), failures);
    assertEquals(0, output.status());
    assertEquals(16, output.lines().size());
  }

  @Test
  void emulated() throws IOException {
    Emulator emulator = emulator();
    Path image = emulator.compile(PROBE, folder);
    allPass(
        Native.java(
            emulator.libraries(),
            Map.of("ADJOINT_EMULATOR_QUIET", "1"),
            DeviceSession.class,
            image.toString()));
  }

  private static Emulator emulator() {
    assumeTrue(Native.hasCompiler(), "no g++ here, so there is no emulator");
    return Emulator.build(Emulator.home(), Emulator.Mode.FAST);
  }

  @Test
  void real() throws IOException {
    Path image = Path.of("target/test-kernels/probe.fatbin");
    assumeTrue(TestGpu.REAL, NeedsGpu.MARK + "adjoint gpu-test runs it on one");
    assumeTrue(Files.exists(image), "needs kernels: there was no nvcc");
    allPass(Native.java(folder, Map.of(), DeviceSession.class, image.toString()));
  }
}
