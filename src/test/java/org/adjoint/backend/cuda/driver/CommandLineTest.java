package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.adjoint.samples.cli.Main;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads where the driver is of no use. */
class CommandLineTest {
  @TempDir static Path folder;

  @BeforeAll
  static void compile() throws IOException {
    Native.library(folder, "libcuda.so.1", "stub.cpp");
  }

  private static Native.Output adjoint(Map<String, String> stub, String... arguments)
      throws IOException {
    return Native.java(folder, stub, Main.class, arguments);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          STUB_VERSION | 11080 | the driver knows CUDA up to 11.8, and 12.0 is needed: install a newer driver
          STUB_INIT    | 100   | cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected
          STUB_DEVICES | 0     | the driver is there, but shows no device
          """)
  void doctorHasALineAndTheDeviceAnother(String name, String value, String problem)
      throws IOException {
    Map<String, String> stub = Map.of(name, value);
    Native.Output doctor = adjoint(stub, "doctor");
    assertEquals(0, doctor.status());
    assertEquals(
        List.of("CUDA:    " + problem, "Device:  cpu is the best here"),
        doctor.lines().stream()
            .filter(line -> line.matches("(CUDA|cuda|cuBLAS|cuDNN|Kernels|Device|\tat).*"))
            .toList());
    assertEquals(
        new Native.Output(
            1, List.of("adjoint run lenet: device cuda:0 is not available: " + problem)),
        adjoint(stub, "run", "lenet", "--device", "cuda"));
    assertEquals(
        new Native.Output(1, List.of("adjoint check: device cuda:0 is not available: " + problem)),
        adjoint(stub, "check", "--device", "cuda", "relu"));
  }

  @Test
  void theBestDeviceIsThenTheCpu() throws IOException {
    Path results = folder.resolve("results.json");
    Native.Output run =
        adjoint(
            Map.of("STUB_VERSION", "11080"),
            "run",
            "xor",
            "--steps=0",
            "--device=best",
            "--out=" + folder,
            "--json=" + results);
    assertEquals(0, run.status(), () -> String.join("\n", run.lines()));
    assertEquals(true, Files.readString(results).replace(" ", "").contains("\"device\":\"cpu\""));
  }

  /** A driver that is new enough, but no cuBLAS that it could serve, and no cuDNN. */
  @Test
  void aDriverAloneDoesNotDo() throws IOException {
    assertEquals(
        new Native.Output(0, List.of("cpu")),
        Native.java(folder, Map.of("STUB_VERSION", "12000"), StubSession.class, "best"));
  }
}
