package org.adjoint.samples.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.emulator.Emulator;
import org.adjoint.mutants.MutateKernels;
import org.adjoint.mutants.MutateKernels.Request;
import org.adjoint.mutants.MutateKernels.Summary;
import org.adjoint.mutants.MutateKernels.Survivor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts faults into the CUDA kernels, and sees whether the checks find them. */
@Command(
    name = "mutate-kernels",
    description = {
      "put faults into the CUDA kernels, one at a time, and see whether the checks find them,",
      "on the emulator; results are kept, and only what changed is tried again"
    })
final class MutateCommand implements Callable<Integer> {
  private static final double LEAST_KILLED = 0.95;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "KERNEL",
      arity = "0..*",
      description = "files (softmax), kernels, or entries (softmax_held); default: every one")
  private List<String> names = List.of();

  @Option(
      names = "--max",
      paramLabel = "N",
      defaultValue = "12",
      description = "mutants of a kernel (default: ${DEFAULT-VALUE})")
  private int max;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "which of a kernel's mutants are chosen (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--within",
      paramLabel = "SECONDS",
      description = "begin no further mutant after so long; the next run goes on")
  private @Nullable Double within;

  @Option(names = "--again", description = "try those again that survived before")
  private boolean again;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "where results are kept (default: bench/mutants/results.json)")
  private @Nullable Path file;

  @Override
  public Integer call() {
    if (max < 1) {
      throw new UserError("--max is " + max + "; a kernel needs 1 mutant or more");
    }
    if (within != null && !(within >= 0)) {
      throw new UserError("--within is " + within + "; it takes seconds");
    }
    if (!Emulator.isAvailable()) {
      throw new UserError("no g++ on the PATH, and the emulated GPU is built with it; install g++");
    }
    Path results = file != null ? file : Emulator.home().resolve("bench/mutants/results.json");
    if (Files.isDirectory(results)) {
      throw new UserError("--out " + results + " is a folder; name a file");
    }
    PrintWriter out = spec.commandLine().getOut();
    try {
      MutateKernels mutation = new MutateKernels();
      for (String name : names) {
        if (!mutation.knows(name)) {
          throw new UserError(
              "unknown kernel '" + name + "'" + Failures.hint(name, mutation.names()));
        }
      }
      double seconds = within == null ? Double.POSITIVE_INFINITY : within;
      return show(
          mutation.run(new Request(names, max, seed, seconds, again, results), out), out, results);
    } catch (IllegalStateException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private static int show(Summary summary, PrintWriter out, Path results) {
    boolean explained = true;
    for (Survivor survivor : summary.survivors()) {
      out.println(survivor);
      explained &= !survivor.reason().isEmpty();
    }
    for (String kernel : summary.unrun()) {
      out.println(kernel + ": no check runs it");
    }
    int tried = summary.killed() + summary.survivors().size();
    out.printf(
        "%d kernels, %d mutants, %d killed (%.1f %%), %d survived%s; see %s%n",
        summary.kernels(),
        tried,
        summary.killed(),
        100.0 * summary.killed() / Math.max(1, tried),
        summary.survivors().size(),
        summary.left() == 0 ? "" : ", " + summary.left() + " left for the next run",
        results);
    out.flush();
    boolean good =
        summary.killed() >= LEAST_KILLED * tried && explained && summary.unrun().isEmpty();
    return good ? 0 : Failures.FAILED;
  }
}
