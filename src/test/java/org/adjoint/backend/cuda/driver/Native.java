package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shared libraries compiled here, and JVMs that are to find them. */
final class Native {
  private static final Path SOURCES = Path.of("src/test/cuda/driver");

  private Native() {}

  /** What a process wrote, and how it ended. */
  record Output(int status, List<String> lines) {}

  /**
   * Compiles {@code source} to the library {@code folder/name}, which needs others; skips the test
   * without g++.
   */
  static void library(Path folder, String name, String source, Path... needed) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-fPIC", "-O1"));
    command.addAll(List.of("-Wl,--no-as-needed", "-Wl,-soname," + name));
    command.addAll(List.of("-o", folder.resolve(name).toString()));
    command.add(SOURCES.resolve(source).toString());
    for (Path other : needed) {
      command.add(other.toString());
    }
    assumeTrue(hasCompiler(), "no g++ here, so " + name + " has no stand-in");
    assertEquals(new Output(0, List.of()), run(new ProcessBuilder(command)));
  }

  static boolean hasCompiler() {
    try {
      return run(new ProcessBuilder("g++", "--version")).status() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs {@code main} in a JVM of its own that searches {@code folder} first. */
  static Output java(
      Path folder, Map<String, String> environment, Class<?> main, String... arguments)
      throws IOException {
    return java(System.getProperty("java.class.path"), folder, environment, main, arguments);
  }

  /** The same with another class path. */
  static Output java(
      String classPath,
      Path folder,
      Map<String, String> environment,
      Class<?> main,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "-Xshare:auto", "-XX:TieredStopAtLevel=1"));
    command.add("-D" + LibraryFolders.PROPERTY + "=" + folder);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return run(builder);
  }

  static Output run(ProcessBuilder builder) throws IOException {
    Process process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Output(process.waitFor(), text.lines().toList());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
