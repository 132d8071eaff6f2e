package org.adjoint.bench.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WorkerTest {
  @Test
  void everyLineIsAnswered() throws IOException {
    List<String> answers =
        answers("hello", "check nap", "check cake", "dance nap", "run", "check x");
    assertEquals("ok bed=2_m", answers.get(0));
    assertEquals("ok 1.5 -2.0", answers.get(1));
    assertEquals("no", answers.get(2));
    assertEquals("fail java.lang.IllegalArgumentException: unknown command dance", answers.get(3));
    assertTrue(answers.get(4).startsWith("fail java.lang.ArrayIndexOutOfBounds"), answers.get(4));
    assertEquals("fail java.lang.IllegalStateException: broken", answers.get(5));
  }

  @Test
  void samplesAreOfOneCall() throws IOException {
    // Naps of 4 ms, each counted as two calls: 2 ms a call.
    double[] samples =
        Arrays.stream(answers("run nap 0.05").get(0).substring("ok ".length()).split(" "))
            .mapToDouble(Double::parseDouble)
            .toArray();
    assertTrue(samples.length >= 1 && samples.length <= 13, samples.length + " samples");
    for (double sample : samples) {
      assertTrue(sample >= 0.002, sample + " s");
    }
    assertEquals(1, answers("run nap 0.000001").get(0).split(" ").length - 1);
  }

  private static List<String> answers(String... lines) throws IOException {
    var out = new ByteArrayOutputStream();
    new Worker(Map.of("bed", "2 m"), WorkerTest::job)
        .serve(
            new BufferedReader(new StringReader(String.join("\n", lines))),
            new PrintStream(out, true, UTF_8));
    return out.toString(UTF_8).lines().toList();
  }

  private static Optional<Job> job(String work) {
    return switch (work) {
      case "nap" -> Optional.of(new Job(2, WorkerTest::nap, () -> List.of(1.5, -2.0)));
      case "x" -> throw new IllegalStateException("broken\nand more");
      default -> Optional.empty();
    };
  }

  private static String nap() {
    long end = System.nanoTime() + 4_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return "refreshed";
  }
}
