package org.adjoint.samples.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.adjoint.check.ChildJvm;
import org.jspecify.annotations.Nullable;

/**
 * A process of its own that works on a device: it is told what to do in a line, and answers before
 * it reads the next.
 */
public final class DeviceProcess {
  private final Process process;
  private final BufferedReader answers;
  private String silence = "";

  /** Reads one answer; null if there is none any more. */
  @FunctionalInterface
  public interface Reading<A> {
    /** The next answer. */
    @Nullable A of(BufferedReader answers) throws IOException;
  }

  private DeviceProcess(Process process) {
    this.process = process;
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts {@code main} with this process's properties of Adjoint. */
  public static DeviceProcess start(Class<?> main, List<String> arguments) throws IOException {
    List<String> flags = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("adjoint.")) {
        flags.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    ProcessBuilder builder =
        ChildJvm.builder(flags, main, arguments).redirectError(ProcessBuilder.Redirect.INHERIT);
    // References need no vectors, whose module would print a warning.
    builder.command().removeAll(List.of("--add-modules", "jdk.incubator.vector"));
    // What a kernel did is in the failure.
    builder.environment().put("ADJOINT_EMULATOR_QUIET", "1");
    return new DeviceProcess(builder.start());
  }

  /** What it says before it is told anything. */
  public <A> @Nullable A greeting(Reading<A> reading) throws IOException {
    return reading.of(answers);
  }

  /**
   * The answer to a line; null, and a {@link #silence}, if the process died, as it has to if it
   * takes longer than {@code limit}.
   */
  <A> @Nullable A ask(String line, Duration limit, Reading<A> reading) {
    CompletableFuture<Void> late =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
    A answer = ask(line, reading);
    boolean inTime = late.cancel(false);
    silence = inTime ? "its process died" : "took more than " + limit.toSeconds() + " s";
    return answer;
  }

  private <A> @Nullable A ask(String line, Reading<A> reading) {
    try {
      var to = process.outputWriter(StandardCharsets.UTF_8);
      to.write(line);
      to.newLine();
      to.flush();
      return reading.of(answers);
    } catch (IOException e) {
      return null; // the process is gone
    }
  }

  /** Why there was no answer to the last line. */
  String silence() {
    return silence;
  }

  /** Lets it end, since it has no more to do or could not. */
  void end() throws IOException {
    try {
      process.outputWriter(StandardCharsets.UTF_8).close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
