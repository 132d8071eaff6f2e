package org.adjoint.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM like this one, for what is settled once and for all when a JVM starts. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Runs {@code main} and returns the lines that it wrote.
   *
   * @throws IllegalStateException with what it complained of, if it failed
   */
  static List<String> run(List<String> flags, Class<?> main, List<String> args) {
    try {
      // A file, not a pipe: nobody has to read the one stream while waiting for the other.
      Path complaints = Files.createTempFile("adjoint", ".err");
      try {
        Process child = builder(flags, main, args).redirectError(complaints.toFile()).start();
        child.getOutputStream().close();
        List<String> lines =
            new String(child.getInputStream().readAllBytes(), UTF_8).lines().toList();
        int status = child.waitFor();
        if (status != 0) {
          throw new IllegalStateException(
              "java "
                  + String.join(" ", flags)
                  + ": status "
                  + status
                  + ": "
                  + Files.readString(complaints).strip());
        }
        return lines;
      } finally {
        Files.delete(complaints);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a child JVM ran", e);
    }
  }

  /** What starts {@code main}, for who wants to deal with the process itself. */
  public static ProcessBuilder builder(List<String> flags, Class<?> main, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(args);
    return new ProcessBuilder(command);
  }
}
