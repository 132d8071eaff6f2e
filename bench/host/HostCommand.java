package org.adjoint.bench.host;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.adjoint.bench.Busy;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Interval;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.bench.Student;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures host code with JMH. */
@Command(
    name = "host",
    description = {
      "measure host code with JMH: launches, the allocator, eager calls, the tape, the loader",
      "Each work runs in JVMs of its own; the interval is that of 95 %% over what these found."
          + " Maven fetches JMH when it is first wanted, and g++ makes the driver that launches go"
          + " to."
    })
public final class HostCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "works; default: all")
  private List<String> names = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "write the results here")
  private @Nullable Path json;

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "5",
      description = "JVMs of each work, 3 s each; default ${DEFAULT-VALUE}")
  private int forks;

  private final List<Result> rows = new ArrayList<>();

  @Override
  public Integer call() {
    if (forks < 2 || forks > Student.MOST) {
      throw new UserError("--forks must be from 2 to " + Student.MOST);
    }
    List<HostWork> works = chosen();
    if (json != null) {
      ResultFile.requireWritable(json);
    }
    PrintWriter out = spec.commandLine().getOut();
    Jmh jmh = new Jmh(Path.of(System.getProperty("adjoint.home", "")).toAbsolutePath());
    jmh.prepare();
    Busy.warn(out);
    out.printf("%-15s %10s %10s  %s%n", "work", "ns/op", "± 95 %", "an operation");
    out.flush();
    boolean failed = false;
    for (HostWork work : works) {
      try {
        show(
            out,
            work,
            Arrays.stream(jmh.measure(work, forks)).map(x -> x / work.calls()).toArray());
      } catch (UserError e) {
        out.println(e.getMessage());
        failed = true;
      }
      out.flush();
    }
    if (json != null && !rows.isEmpty()) {
      ResultFile.write(json, Results.rows(Environment.here(), rows));
    }
    return failed ? FAILED : 0;
  }

  private List<HostWork> chosen() {
    for (String name : names) {
      if (HostWork.named(name).isEmpty()) {
        throw new UserError(
            "no host work is named %s; there is: %s"
                .formatted(
                    name,
                    HostWork.ALL.stream().map(HostWork::name).collect(Collectors.joining(", "))));
      }
    }
    return HostWork.ALL.stream()
        .filter(work -> names.isEmpty() || names.contains(work.name()))
        .toList();
  }

  private void show(PrintWriter out, HostWork work, double... nanos) {
    Interval interval = Student.mean(nanos);
    double half = (interval.high() - interval.low()) / 2;
    out.printf(
        Locale.ROOT,
        "%-15s %10.1f %10.1f  %s%n",
        work.name(),
        (interval.low() + interval.high()) / 2,
        half,
        work.what());
    rows.add(Result.of(work.name()).device("cpu").samples("ns", nanos).build());
  }
}
