package org.adjoint.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where numbers were measured. Null is what cannot be known here.
 *
 * @param commit the git commit of the sources, with {@code +changes} if they differ from it
 * @param cpu the processor's model
 * @param processors that this JVM may use
 * @param maxHeap in bytes
 * @param simd what vectors the CPU kernels used
 * @param threads that the CPU kernels used
 * @param device the accelerator's own name
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Environment(
    @Nullable String commit,
    String java,
    String os,
    @Nullable String cpu,
    @JsonProperty(required = true) int processors,
    @JsonProperty(required = true) long maxHeap,
    @Nullable String simd,
    @Nullable Integer threads,
    @Nullable String device) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  /** Refuses an environment that does not say what ran. */
  public Environment {
    Require.present("java", java);
    Require.present("os", os);
    Require.that(processors >= 1, "processors", "must be 1 or more", processors);
  }

  /** This machine, this JVM, and the checkout that the launcher names or we stand in. */
  public static Environment here() {
    Runtime runtime = Runtime.getRuntime();
    return new Environment(
        commit(Path.of(System.getProperty("adjoint.home", ""))).orElse(null),
        Runtime.version() + ", " + System.getProperty("java.vendor"),
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        cpuModel(CPUINFO).orElse(null),
        runtime.availableProcessors(),
        runtime.maxMemory(),
        null,
        null,
        null);
  }

  /** The same, saying how the CPU kernels ran. */
  public Environment withSimd(String vectors, int count) {
    return new Environment(commit, java, os, cpu, processors, maxHeap, vectors, count, device);
  }

  /** The same with an accelerator. */
  public Environment withDevice(String name) {
    return new Environment(commit, java, os, cpu, processors, maxHeap, simd, threads, name);
  }

  /** The processor as Linux names it. */
  static Optional<String> cpuModel(Path cpuinfo) {
    try (Stream<String> lines = Files.lines(cpuinfo, StandardCharsets.ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .filter(model -> !model.isEmpty())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty(); // no Linux
    }
  }

  /**
   * What {@code home} has checked out, or was made of where it is no checkout but what {@code
   * ./adjoint dist} made. Results and the tables made of them are no change.
   */
  public static Optional<String> commit(Path home) {
    if (!Files.exists(home.resolve(".git"))) {
      try {
        return Optional.of(Files.readString(home.resolve("COMMIT")).strip());
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return git(home, "rev-parse", "--verify", "HEAD")
        .filter(head -> !head.isEmpty())
        .map(head -> {
          Optional<String> status =
              git(home, "status", "--porcelain", "--", ".", ":!bench/results", ":!README.md");
          return status.map(String::isEmpty).orElse(false) ? head : head + "+changes";
        });
  }

  /** What git prints; empty if there is no git or it fails. */
  private static Optional<String> git(Path home, String... args) {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toAbsolutePath().toString()));
    command.addAll(List.of(args));
    try {
      Process git =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      git.getOutputStream().close();
      try (InputStream out = git.getInputStream()) {
        String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
        return git.waitFor() == 0 ? Optional.of(text.strip()) : Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
