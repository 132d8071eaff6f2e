package org.adjoint.bench.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.adjoint.bench.cpu.Jvm;
import org.adjoint.samples.cli.UserError;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JMH, which is no part of the build: Maven fetches it when it is first wanted, and {@code src/jmh}
 * is compiled with it then.
 */
final class Jmh {
  private static final String MAIN = "org.openjdk.jmh.Main";

  private final Path home;
  private final Path target;

  /** Prepares for the checkout at {@code home}. */
  Jmh(Path home) {
    this.home = home;
    target = home.resolve("target/jmh");
  }

  /** Sees to it that JMH is here and what it is to run is compiled. */
  void prepare() {
    try {
      Files.createDirectories(target);
      if (jars().isEmpty()) {
        Path pom = home.resolve("src/jmh/pom.xml");
        run(
            List.of("mvn", "-B", "-q", "-f", pom.toString(), "dependency:copy-dependencies"),
            "Maven cannot fetch JMH");
      }
      Path source = home.resolve("src/jmh/HostBenchmark.java");
      Path stamp = target.resolve("stamp");
      if (!Files.exists(stamp)
          || Files.getLastModifiedTime(stamp).compareTo(Files.getLastModifiedTime(source)) < 0) {
        compile(source);
        Files.writeString(stamp, "");
      }
    } catch (IOException e) {
      throw new UserError("bench host: " + e.getMessage(), e);
    }
  }

  private List<Path> jars() throws IOException {
    Path folder = target.resolve("lib");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  private String libraries() throws IOException {
    return jars().stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private void compile(Path source) throws IOException {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    if (javac == null) {
      throw new UserError("bench host: this Java has no compiler; a JDK is needed");
    }
    Path classes = Files.createDirectories(target.resolve("classes"));
    String own = System.getProperty("java.class.path");
    List<String> options =
        List.of(
            "-proc:full",
            "-processorpath",
            libraries(),
            "-classpath",
            own + File.pathSeparator + libraries(),
            "-d",
            classes.toString());
    StringWriter complaints = new StringWriter();
    try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, UTF_8)) {
      var units = files.getJavaFileObjects(source);
      if (!javac.getTask(complaints, files, null, options, null, units).call()) {
        throw new UserError(
            "bench host: javac: " + complaints.toString().lines().findFirst().orElse(""));
      }
    }
  }

  /** Nanoseconds of a run: of each JVM the mean over its iterations. */
  double[] measure(HostWork work, int forks) {
    try {
      Path json = target.resolve("result.json");
      String classPath =
          String.join(
              File.pathSeparator,
              target.resolve("classes").toString(),
              System.getProperty("java.class.path"),
              libraries());
      List<String> arguments =
          List.of(
              "HostBenchmark.run",
              "-p",
              "work=" + work.name(),
              "-foe",
              "true",
              "-f",
              Integer.toString(forks),
              "-wi",
              "5",
              "-w",
              "300ms",
              "-i",
              "5",
              "-r",
              "200ms",
              "-rf",
              "json",
              "-rff",
              json.toString());
      Files.deleteIfExists(json);
      run(Jvm.touched(Jvm.command(classPath, MAIN, arguments)), work.name());
      return means(new JsonMapper().readTree(Files.readString(json)));
    } catch (IOException e) {
      throw new UserError(work.name() + ": " + e.getMessage(), e);
    }
  }

  /** Of JMH's file of results about one benchmark: a mean for each JVM. */
  static double[] means(JsonNode file) {
    List<Double> means = new ArrayList<>();
    for (JsonNode fork : file.get(0).get("primaryMetric").get("rawData")) {
      double[] iterations = new double[fork.size()];
      Arrays.setAll(iterations, i -> fork.get(i).asDouble());
      means.add(Arrays.stream(iterations).average().orElseThrow());
    }
    return means.stream().mapToDouble(x -> x).toArray();
  }

  /** Runs a program; what it says is kept, and its last line shown where it fails. */
  private void run(List<String> command, String what) throws IOException {
    Path log = target.resolve("log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      process.getOutputStream().close();
      if (process.waitFor() != 0) {
        throw new UserError("%s: %s; see %s".formatted(what, complaint(log), log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserError("interrupted", e);
    }
  }

  /** The first line that tells of an exception or an error, or else the last. */
  private static String complaint(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
    return lines.stream()
        .filter(line -> line.contains("Exception") || line.contains("Error"))
        .findFirst()
        .orElse(lines.isEmpty() ? "it failed" : lines.getLast())
        .strip();
  }
}
