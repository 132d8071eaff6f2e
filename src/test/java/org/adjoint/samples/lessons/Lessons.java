package org.adjoint.samples.lessons;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** Runs samples and keeps what they print. */
final class Lessons {
  private Lessons() {}

  /** The lines that {@code sample} prints when it is given {@code args}. */
  static List<String> run(Callable<Integer> sample, String... args) throws Exception {
    new CommandLine(sample).parseArgs(args);
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(printed, true, UTF_8)) {
      System.setOut(capture);
      assertEquals(0, sample.call());
    } finally {
      System.setOut(console);
    }
    return printed.toString(UTF_8).lines().toList();
  }
}
