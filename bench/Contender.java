package org.adjoint.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that works when it is told to: a line in, a line out. An answer begins with {@code ok},
 * or is {@code no} to what the contender does not do; what begins otherwise tells what went wrong.
 */
public final class Contender implements AutoCloseable {
  /** A contender that is not here, or not any more, or cannot; the message is one line. */
  public static final class Lost extends Exception {
    private static final long serialVersionUID = 1;

    /** What there is to say of it. */
    public Lost(String message) {
      super(message);
    }
  }

  private static final Duration GREETING = Duration.ofMinutes(1);

  private final String name;
  private final Process process;
  private final Writer in;
  private final Path complaints;
  private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
  private final Map<String, String> versions = new TreeMap<>();

  private Contender(String name, Process process, Path complaints) {
    this.name = name;
    this.process = process;
    this.complaints = complaints;
    in = process.outputWriter(UTF_8);
    Thread.ofVirtual().start(this::listen);
  }

  /**
   * Starts {@code command} and waits until it says what it is.
   *
   * @param environment variables for it, beside ours
   */
  public static Contender start(String name, List<String> command, Map<String, String> environment)
      throws Lost {
    Contender contender;
    try {
      // A file, not a pipe: nobody has to read what it complains of while it works.
      Path complaints = Files.createTempFile("adjoint", ".err");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(complaints.toFile());
      builder.environment().putAll(environment);
      contender = new Contender(name, builder.start(), complaints);
    } catch (IOException e) {
      throw new Lost(name + ": cannot be started: " + firstLine(String.valueOf(e.getMessage())));
    }
    try {
      for (String version : contender.words("hello", GREETING)) {
        String[] parts = version.split("=", 2);
        contender.versions.put(parts[0], parts.length == 1 ? "" : parts[1]);
      }
      return contender;
    } catch (Lost e) {
      contender.close();
      throw e;
    }
  }

  /** As messages call it. */
  public String name() {
    return name;
  }

  /** The process that works. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /** What it consists of. */
  public Map<String, String> versions() {
    return versions;
  }

  /** Whether another question makes sense. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Sends a line and returns the numbers of the answer, or nothing if the contender does not do
   * this work.
   *
   * @throws Lost if it fails, dies, says what makes no sense, or says nothing within {@code limit}
   */
  public Optional<List<Double>> ask(String line, Duration limit) throws Lost {
    List<String> words = words(line, limit);
    if (words.equals(List.of("no"))) {
      return Optional.empty();
    }
    try {
      return Optional.of(words.stream().map(Double::valueOf).toList());
    } catch (NumberFormatException e) {
      throw new Lost(name + ": '" + line + "' was answered by no numbers: " + e.getMessage());
    }
  }

  /**
   * Sends a line and returns the words of the answer after its ok, or {@code no} alone.
   *
   * @throws Lost as {@link #ask}
   */
  public List<String> words(String line, Duration limit) throws Lost {
    try {
      in.write(line + "\n");
      in.flush();
    } catch (IOException e) {
      throw died();
    }
    Optional<String> answer;
    try {
      answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null) {
        // Who is asked next must not find it dying.
        boolean _ = process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Lost(name + ": interrupted");
    }
    if (answer == null) {
      throw new Lost("%s: no answer to '%s' in %d s".formatted(name, line, limit.toSeconds()));
    }
    String text = answer.orElseThrow(this::died);
    List<String> words = Arrays.asList(text.split(" "));
    return switch (words.get(0)) {
      case "ok" -> words.subList(1, words.size());
      case "no" -> words;
      default -> throw new Lost("%s: '%s': %s".formatted(name, line, text));
    };
  }

  private Lost died() {
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      List<String> lines =
          Files.readString(complaints).lines().filter(line -> !line.isBlank()).toList();
      String last = lines.isEmpty() ? "" : ": " + lines.getLast().strip();
      return new Lost(name + ": ended with status " + process.exitValue() + last);
    } catch (IOException | IllegalThreadStateException e) {
      return new Lost(name + ": ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Lost(name + ": interrupted");
    }
  }

  private void listen() {
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        answers.add(Optional.of(line));
      }
    } catch (IOException e) {
      // The same as its end.
    }
    answers.add(Optional.empty());
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** Ends its input, and it with that; a little later it is made to end. */
  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      // It has ended already.
    }
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Files.deleteIfExists(complaints);
    } catch (IOException e) {
      // A file in the temporary folder that is of no use to anybody.
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
