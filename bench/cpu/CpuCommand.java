package org.adjoint.bench.cpu;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.bench.Busy;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the CPU backend, beside its peers if these are wanted. */
@Command(
    name = "cpu",
    description = {
      "measure the CPU backend, with --peers beside PyTorch, OpenBLAS and others, or against "
          + "another build of it",
      "All use 2 threads and take turns. A must is met, or not, where the whole 95 %% interval says"
          + " so, else unclear. A verdict on another build is FASTER or SLOWER where the 95 %%"
          + " interval of this/other lies outside 1 ± 0.03, else SAME where it lies within 1 ±"
          + " 0.05, else UNCLEAR."
    })
public final class CpuCommand implements Callable<Integer> {
  /** What all contenders use. */
  static final int THREADS = 2;

  private static final String KEEP_BYTES = Long.toString(4L << 30);

  private static final int FAILED = 1;
  private static final int ROUNDS = 10;
  private static final double SECONDS = 0.3;

  @Spec private CommandSpec spec;

  @Option(names = "--peers", description = "also run the peers that are installed")
  private boolean peers;

  @Option(
      names = "--against",
      paramLabel = "DIR",
      description = "compare with the build in another checkout; some 40 s a work, at most 100")
  private @Nullable Path against;

  @Option(
      names = "--only",
      paramLabel = "WORK",
      arity = "1..*",
      description = "works, or families of works such as sgemm; default: all")
  private List<String> only = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "write the results here")
  private @Nullable Path json;

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      defaultValue = "${env:ADJOINT_PYTHON:-python3}",
      description = "the Python that has PyTorch; default: ADJOINT_PYTHON, or python3")
  private String python;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "turns of each contender; default 10; with --against of each JVM, default 12")
  private @Nullable Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "length of a turn; default 0.3; with --against 0.1")
  private @Nullable Double seconds;

  private final List<Result> rows = new ArrayList<>();
  private boolean failed;

  @Override
  public Integer call() {
    requireSensibleOptions();
    List<Work> works = chosen();
    PrintWriter out = spec.commandLine().getOut();
    Consumer<String> notes =
        line -> {
          out.println(line);
          out.flush();
        };
    Busy.warn(out);
    System.setProperty("adjoint.threads", Integer.toString(THREADS));
    if (against != null) {
      against(against, works, out);
    } else {
      contest(works, out, notes);
    }
    if (json != null && !rows.isEmpty()) {
      Environment here = Environment.here().withSimd(Simd.best().name(), THREADS);
      ResultFile.write(json, Results.rows(here, rows));
    }
    return failed ? FAILED : 0;
  }

  /** Starts a contender that is to use {@link #THREADS}. */
  static Contender start(String name, List<String> command) throws Lost {
    Map<String, String> environment = new HashMap<>();
    // Some libraries can be told by nothing else.
    environment.put("OMP_NUM_THREADS", Integer.toString(THREADS));
    // Otherwise glibc hands large arrays back to the kernel after each step, and asks for them
    // again: page faults, which take longer than the work and differ from round to round.
    for (String threshold : List.of("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")) {
      environment.put(threshold, System.getenv().getOrDefault(threshold, KEEP_BYTES));
    }
    return Contender.start(name, command, environment);
  }

  private void against(Path folder, List<Work> works, PrintWriter out) {
    Against builds = new Against(Build.at(folder), rounds(), seconds(), out);
    failed = !builds.run(works);
    rows.addAll(builds.rows());
  }

  private void contest(List<Work> works, PrintWriter out, Consumer<String> notes) {
    Path home = Path.of(System.getProperty("adjoint.home", ""));
    try (Peers field = peers ? Peers.start(home, python, THREADS, notes) : new Peers()) {
      Report report = new Report(out);
      report.head();
      works.forEach(work -> measure(work, field, report, notes));
      report.foot();
    }
  }

  private int rounds() {
    return rounds != null ? rounds : against != null ? Duel.Pace.USUAL.rounds() : ROUNDS;
  }

  private double seconds() {
    return seconds != null ? seconds : against != null ? Duel.Pace.USUAL.seconds() : SECONDS;
  }

  private void requireSensibleOptions() {
    if (rounds() < 2 || rounds() > 1000 || !(seconds() > 0 && seconds() <= 60)) {
      throw new UserError("--rounds must be from 2 to 1000, --seconds above 0 and at most 60");
    }
    if (peers && against != null) {
      throw new UserError("--peers or --against, not both: one is about others, one about builds");
    }
    if (json != null) {
      ResultFile.requireWritable(json);
    }
  }

  /** The works that --only means, in the table's order. */
  private List<Work> chosen() {
    for (String word : only) {
      if (Work.ALL.stream().noneMatch(work -> work.isMeantBy(word))) {
        throw new UserError(
            "no work is named %s; there is: %s"
                .formatted(
                    word, Work.ALL.stream().map(Work::name).collect(Collectors.joining(", "))));
      }
    }
    return Work.ALL.stream()
        .filter(work -> only.isEmpty() || only.stream().anyMatch(work::isMeantBy))
        .toList();
  }

  private void measure(Work work, Peers field, Report report, Consumer<String> notes) {
    Map<String, Map<String, String>> versions = new LinkedHashMap<>();
    field.contenders().forEach(peer -> versions.put(peer.name(), peer.versions()));
    Contest.Fork fork =
        () -> {
          Contender adjoint = start(Outcome.ADJOINT, Jvm.command(Worker.class, List.of("adjoint")));
          versions.put(adjoint.name(), adjoint.versions());
          return adjoint;
        };
    Contest contest = new Contest(fork, field.contenders(), rounds(), seconds(), notes);
    try {
      Outcome outcome = Outcome.of(work, contest.run(work));
      report.show(outcome);
      rows.addAll(Report.rows(outcome, versions));
    } catch (Lost e) {
      notes.accept(e.getMessage());
      failed = true;
    }
  }
}
