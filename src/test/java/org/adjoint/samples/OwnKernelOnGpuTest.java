package org.adjoint.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.KernelFile;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.check.KernelTimer;
import org.adjoint.check.Proof;
import org.adjoint.check.Timing;
import org.adjoint.op.Draw;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The sample's operation, and copies of its kernels with a fault. */
class OwnKernelOnGpuTest {
  private static final double BETA = 1.5;

  @TempDir Path folder;

  private Device gpu = Device.CPU;

  @BeforeEach
  void findGpu() {
    gpu = TestGpu.compiling();
  }

  private static Swish swish() {
    return new Swish(KernelFile.of(Swish.SOURCE), BETA);
  }

  /** The kernels with {@code right} in the source replaced. */
  private Swish faulty(String right, String wrong) throws IOException {
    String text = Files.readString(Swish.SOURCE);
    assertTrue(text.contains(right), right);
    Path file = folder.resolve("swish.cu");
    return new Swish(KernelFile.of(Files.writeString(file, text.replace(right, wrong))), BETA);
  }

  private Proof prove(Swish swish) {
    return Proof.of(
        gpu, new PrintWriter(new StringWriter()), swish.spec(), new Swish.Grad(swish).spec());
  }

  @Test
  void theKernelsAreProved() {
    assertEquals(List.of(), prove(swish()).failures());
  }

  @Test
  void theGradientIsThatOfTheCpu() {
    Tensor x = Tensor.of(-3f, -0.5f, 0, 2, 5);
    Tensor here = x.detach().requireGrad();
    Tensor there = x.to(gpu).requireGrad();
    float[] expected = Grad.of(swish().apply(here).sum(), here)[0].toFloats();
    assertArrayEquals(expected, Grad.of(swish().apply(there).sum(), there)[0].toFloats(), 1e-6f);
    assertEquals(0.5f, expected[2]);
  }

  @ParameterizedTest
  @CsvSource({
    "n - n % 4 + first(), n, 'swish: .*\\[127\\]: wide: '",
    "return x / (1, return x / (2, 'swish: .*: naive: F32 output 0.*, element 0: expected .*'",
    "z * s * (1 - s), z * s, 'swish.grad: .*: wide: .*'",
  })
  void aWrongKernelFailsTheCheck(String right, String wrong, String line) throws IOException {
    List<String> failures = prove(faulty(right, wrong)).failures();
    assertTrue(failures.stream().anyMatch(f -> f.matches(line + ".*")), failures.toString());
  }

  @Test
  void anEmulatedGpuCountsAndGivesNoTime() {
    Swish swish = swish();
    int n = 1000;
    try (KernelTimer timer = KernelTimer.on(gpu, Duration.ofMillis(20))) {
      List<Timing> timings = timer.time(swish.spec(), DType.F32, swish, Draw.normal(n));
      assertEquals(List.of("wide", "naive"), timings.stream().map(Timing::variant).toList());
      for (Timing timing : timings) {
        assertTrue(timing.holds(), timing.toString());
        assertEquals(8L * n, timing.bytes());
        if (!timer.isReal()) {
          assertNull(timing.cold());
          assertNull(timing.warm());
          Counts counts = timing.counts();
          assertEquals(4L * n, counts.loaded());
          assertEquals(4L * n, counts.stored());
          assertEquals(counts.idealSectors(), counts.sectors());
          assertTrue(timing.toString().contains("1.000 times"), timing.toString());
        }
      }
    }
  }

  @Test
  void theTimerTrustsNothingThatFails() throws IOException {
    // Right at every example of the spec, and wrong beyond them.
    Swish swish = faulty("y[i] = swish(x[i], beta);", "y[i] = swish(x[i], i < 9000 ? beta : 0);");
    assertEquals(List.of(), prove(swish).failures());
    try (KernelTimer timer = KernelTimer.on(gpu, Duration.ofMillis(20))) {
      Timing naive = timer.time(swish.spec(), DType.F32, swish, Draw.normal(9001)).get(1);
      assertFalse(naive.holds());
      assertNull(naive.cold());
      assertNull(naive.counts());
      assertTrue(
          naive.toString().contains("naive, F32 [9001]: no time, since it is wrong: swish: ")
              && naive.toString().contains("element 9000: expected"),
          naive.toString());
    }
  }

  @Test
  void theTimerSeesAWrongGradient() throws IOException {
    Swish swish = faulty("z * s * (1 - s)", "z * s");
    try (KernelTimer timer = KernelTimer.on(gpu, Duration.ofMillis(20))) {
      for (Timing timing : timer.time(swish.spec(), DType.F32, swish, Draw.normal(64))) {
        assertNull(timing.cold());
        assertTrue(timing.toString().contains("gradient 0, norm of the error"), timing.toString());
      }
    }
  }

  @Test
  void aKernelThatWritesNothingIsSeen() throws IOException {
    Swish swish = faulty("y[i] = swish(x[i], beta);", "");
    try (KernelTimer timer = KernelTimer.on(gpu, Duration.ofMillis(20))) {
      Timing naive = timer.time(swish.spec(), DType.F32, swish, Draw.normal(64)).get(1);
      assertFalse(naive.holds());
    }
  }

  private static OwnKernel sample(String... options) {
    return CommandLine.populateCommand(new OwnKernel(), options);
  }

  @Test
  void theSampleRunsToItsEnd() {
    Path json = folder.resolve("own.json");
    OwnKernel sample = sample("--device", "cuda", "--size", "1000", "--json", json.toString());
    assertEquals(0, sample.call());
    assertEquals(
        List.of("wide", "naive", "wide", "naive"),
        ResultFile.read(json).results().stream().map(Result::variant).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "cpu, swish.cu, 'a kernel runs on a GPU: add --device cuda, or --device emulator, .*'",
    "cuda, absent.cu, 'kernels of absent.cu: there is no such file: .*'",
  })
  void theSampleSaysInALineWhatItNeeds(String device, String file, String line) {
    OwnKernel sample = sample("--device", device, "--kernel", folder.resolve(file).toString());
    String message = String.valueOf(assertThrows(UserError.class, sample::call).getMessage());
    assertTrue(message.matches(line), message);
  }

  @Test
  void thereIsNoClockForTheCpu() {
    assertEquals(
        "clock: kernels run on a GPU, not on cpu",
        assertThrows(IllegalArgumentException.class, () -> KernelTimer.on(Device.CPU))
            .getMessage());
  }
}
