package org.adjoint.samples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.check.ChildJvm;
import org.adjoint.emulator.Emulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code adjoint check --device emulator} says of kernels with a fault. */
class CheckOnGpuTest {
  @TempDir Path folder;

  private static void copy(Path from, String ending, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(path -> path.toString().endsWith(ending)).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Puts one text in the place of another and returns the number of its line. */
  private static int plant(Path file, String text, String fault) throws IOException {
    String source = Files.readString(file);
    int at = source.indexOf(text);
    assertNotEquals(-1, at, () -> file.getFileName() + " has no " + text);
    Files.writeString(file, source.substring(0, at) + fault + source.substring(at + text.length()));
    return (int) source.substring(0, at).lines().count();
  }

  private List<String> check(Path kernels, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("check", "--device", "emulator", "--jobs", "1"));
    all.addAll(List.of(arguments));
    Process process =
        ChildJvm.builder(
                List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dadjoint.kernels=" + kernels,
                    "-Dadjoint.home=" + Emulator.home()),
                Main.class,
                all)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertEquals(Failures.FAILED, process.waitFor(), () -> String.join("\n", lines));
    return lines;
  }

  private static void assertSays(List<String> lines, String pattern) {
    assertTrue(
        lines.stream().anyMatch(Pattern.compile(pattern).asMatchPredicate()),
        () -> "no line is like " + pattern + ":\n" + String.join("\n", lines));
  }

  @Test
  void aFaultIsNamedWithItsKernelAndLineAndCostsOneFailure() throws Exception {
    assumeTrue(!TestGpu.REAL, "about the emulator");
    assumeTrue(Emulator.isAvailable(), "no g++ for the emulator");
    Emulator emulator = Emulator.build(Emulator.home(), Emulator.Mode.CHECKED);
    Path sources = folder.resolve("cuda");
    Path kernels = folder.resolve("kernels");
    copy(Emulator.home().resolve("src/main/cuda"), ".cu", sources);
    copy(Emulator.home().resolve("src/main/cuda"), ".cuh", sources);
    copy(emulator.kernels(), ".fatbin", kernels);
    Path index = sources.resolve("index.cu");
    int shifted = plant(index, "x[at[1] + chosen * stride]", "x[at[1] + (chosen + 1) * stride]");
    int unmasked = plant(index, "i < n ? (long long)index[i] : -1", "(long long)index[i]");
    Path conv = sources.resolve("conv_implicit.cu");
    plant(conv, "    __syncthreads();\n", "");
    emulator.compile(index, kernels);
    emulator.compile(conv, kernels);

    List<String> lines = check(kernels, "--schedules", "1", "gather", "conv", "relu");
    String example = ": seed 1, Gather\\[axis=-?\\d\\] \\[.*\\] \\[.*\\]: ";
    String found = ".*: threw .*CudaException: .*: CUDA_ERROR_ILLEGAL_ADDRESS: take_";
    String where = "\\w+ .*at index.cu:%d, .*block .*, thread .*: reads \\d bytes: .*";
    assertSays(
        lines,
        "gather"
            + example
            + "strided: F32.* by .*take_strided_4_i64"
            + found
            + where.formatted(shifted));
    assertSays(
        lines,
        "gather"
            + example
            + "flat: F32.* by .*take_flat_4_i64"
            + found
            + where.formatted(unmasked));
    assertSays(
        lines,
        "conv: seed 1, Conv\\[.*: implicit: F32.* by .*implicit.*: threw"
            + " .*CUDA_ERROR_LAUNCH_FAILED: conv_implicit.* at conv_implicit.cu:\\d+, block .*:"
            + " (race|reads).*");
    assertSays(
        lines, "  repeat it by: adjoint check --device emulator --seed 1 --variant flat gather");
    // What comes after is checked as if nothing had happened.
    assertSays(lines, "conv +naive (?!.*FAIL).* F32 .*");
    assertSays(lines, "relu (?!.*FAIL).* F32 .*");
    assertSays(lines, "emulator: \\d+ passed, 3 failed, 0 skipped");
  }
}
