package org.adjoint.samples.lessons;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.Device;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
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

  /** What a sample printed, and the results that it wrote. */
  record Ran(List<String> lines, Results results) {
    /** One of the figures among the results. */
    double figure(String what) {
      return results.results().stream()
          .filter(result -> result.what().equals(what))
          .mapToDouble(Result::median)
          .findFirst()
          .orElseThrow(() -> new AssertionError(what + " is not among " + results.results()));
    }
  }

  /** Runs {@code sample} with its results and its pictures in {@code folder}. */
  static Ran measure(Path folder, Callable<Integer> sample, String... options) throws Exception {
    return measured(folder, Device.CPU, sample, options);
  }

  /** The same on {@code device}, by a sample that has the option. */
  static Ran measureOn(Device device, Path folder, Callable<Integer> sample, String... options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--device=" + device);
    return measured(folder, device, sample, all.toArray(String[]::new));
  }

  private static Ran measured(
      Path folder, Device device, Callable<Integer> sample, String... options) throws Exception {
    Path json = folder.resolve("results.json");
    List<String> args = new ArrayList<>(List.of(options));
    args.addAll(List.of("--json=" + json, "--out=" + folder));
    List<String> lines = run(sample, args.toArray(String[]::new));
    Results results = ResultFile.read(json);
    assertEquals(device.toString(), results.device());
    for (Result result : results.results()) {
      assertEquals(device.toString(), result.device());
    }
    return new Ran(lines, results);
  }
}
