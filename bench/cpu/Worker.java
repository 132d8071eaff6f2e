package org.adjoint.bench.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A contender's process: does what the lines on its standard input say, and answers each with one.
 *
 * <pre>
 * hello               ok NAME=VERSION …      what is contending
 * check WORK          ok NUMBER …            the fingerprint of the results
 * run WORK SECONDS    ok SECONDS …           at least one sample: what one call took
 *                     no                     to a work that this contender does not do
 *                     fail WHY               to anything that went wrong
 * </pre>
 *
 * <p>It ends with its input, and waits without turning a core while it is not its turn.
 */
final class Worker {
  /** A sample lasts this long at least, far longer than the clock needs to see it. */
  private static final long LEAST = 1_000_000;

  private final Map<String, String> versions;
  private final Function<String, Optional<Job>> jobs;
  private final Map<String, Optional<Job>> begun = new HashMap<>();
  private @Nullable Object consumed;

  Worker(Map<String, String> versions, Function<String, Optional<Job>> jobs) {
    this.versions = versions;
    this.jobs = jobs;
  }

  /** {@code args[0]} says who contends: adjoint or openblas. */
  public static void main(String[] args) throws IOException {
    Worker worker =
        args[0].equals("openblas")
            ? new Worker(OpenBlas.versions(), OpenBlas::job)
            : new Worker(AdjointJobs.versions(), AdjointJobs::job);
    // What anything else prints must not be taken for an answer.
    PrintStream answers = System.out;
    System.setOut(System.err);
    worker.serve(new BufferedReader(new InputStreamReader(System.in, UTF_8)), answers);
  }

  void serve(BufferedReader lines, PrintStream answers) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String answer;
      try {
        answer = answer(line.split(" "));
      } catch (RuntimeException | Error e) {
        answer = "fail " + e.toString().lines().findFirst().orElse("");
      }
      answers.print(answer + "\n");
      answers.flush();
    }
  }

  private String answer(String... words) {
    if (words[0].equals("hello")) {
      return versions.entrySet().stream()
          .map(e -> " " + e.getKey() + "=" + e.getValue().replace(' ', '_'))
          .collect(Collectors.joining("", "ok", ""));
    }
    Job job = begun.computeIfAbsent(words[1], jobs).orElse(null);
    if (job == null) {
      return "no";
    }
    List<Double> numbers =
        switch (words[0]) {
          case "check" -> job.check().get();
          case "run" -> run(job, Double.parseDouble(words[2]));
          default -> throw new IllegalArgumentException("unknown command " + words[0]);
        };
    return numbers.stream().map(x -> " " + x).collect(Collectors.joining("", "ok", ""));
  }

  /** Samples for about so many seconds; the first run tells how many runs make a sample. */
  private List<Double> run(Job job, double seconds) {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    long first = time(job, 1);
    if (System.nanoTime() >= end) {
      return List.of(first / 1e9 / job.calls());
    }
    int runs = Math.clamp(LEAST / Math.max(1, first), 1, 1_000_000);
    DoubleStream.Builder samples = DoubleStream.builder();
    do {
      samples.add(time(job, runs) / 1e9 / runs / job.calls());
    } while (System.nanoTime() < end);
    return samples.build().boxed().toList();
  }

  private long time(Job job, int runs) {
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      consumed = job.body().get();
    }
    return System.nanoTime() - start;
  }

  /** The last result; that it can be asked for is what keeps it from being optimised away. */
  @Nullable Object consumed() {
    return consumed;
  }
}
