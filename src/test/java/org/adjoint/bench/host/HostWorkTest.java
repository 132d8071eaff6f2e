package org.adjoint.bench.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.backend.cuda.driver.Launch;
import org.adjoint.bench.cpu.Jvm;
import org.adjoint.bench.host.HostWork.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.json.JsonMapper;

class HostWorkTest {
  @ParameterizedTest
  @ValueSource(strings = {"eager-add", "eager-add-grad", "eager-matmul", "loader", "loader-ahead"})
  void worksRunAgainAndAgain(String name) {
    try (Session session = HostWork.named(name).orElseThrow().begin().get()) {
      assertNotNull(session.run());
      assertNotNull(session.run());
    }
  }

  /** On a driver that does nothing, which g++ makes. */
  @Test
  void launchesReachTheirDriver() throws IOException, InterruptedException {
    assumeTrue(TestGpu.hasCompiler(), "no g++ for the driver");
    List<String> command =
        Jvm.command(
            System.getProperty("java.class.path"), HostRun.class.getName(), List.of("launch"));
    Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, run.waitFor(), said);
    assertTrue(said.contains("again: " + Launch.class.getName()), said);
  }

  @Test
  void anEpochHasAsManyBatchesAsAreCounted() {
    try (Session session = CpuHost.loader()) {
      assertEquals(1024L, session.run());
    }
  }

  /** y = x ⊙ w¹⁰⁰ at w = 1, so that ∂Σy/∂w = 100 x. */
  @Test
  void theChainGoesBackToItsBeginning() {
    Tensor x = CpuHost.normal(10);
    Tensor gradient = (Tensor) CpuHost.chain().run();
    assertArrayEquals(x.mul(100.0).toFloats(), gradient.toFloats(), 1e-3f);
  }

  @Test
  void aMeanForEachJvm() {
    String file = "[{\"primaryMetric\": {\"score\": 3, \"rawData\": [[1, 2, 3], [4, 4, 4]]}}]";
    assertArrayEquals(new double[] {2, 4}, Jmh.means(new JsonMapper().readTree(file)));
  }

  @Test
  void whatIsUnknownIsRefusedInOneLine() {
    assertEquals(
        "no host work is named cake; there is: launch, alloc-cuda, eager-add, eager-add-grad, "
            + "eager-matmul, tape, loader, loader-ahead",
        refused("cake"));
    assertEquals("--forks must be from 2 to 20", refused("--forks", "1"));
  }

  private static String refused(String... args) {
    var out = new StringWriter();
    var writer = new PrintWriter(out, true);
    int status =
        new CommandLine(new HostCommand())
            .setErr(writer)
            .setExecutionExceptionHandler((e, _, _) -> {
              writer.println(e.getMessage());
              return 1;
            })
            .execute(args);
    assertTrue(status != 0, List.of(args).toString());
    return out.toString().strip();
  }
}
