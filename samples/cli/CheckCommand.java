package org.adjoint.samples.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.check.Bits;
import org.adjoint.check.CheckTable;
import org.adjoint.check.CheckpointKills;
import org.adjoint.check.Footprint;
import org.adjoint.check.Fuzz;
import org.adjoint.check.MutationCheck;
import org.adjoint.check.Parsers;
import org.adjoint.op.OpCatalog;
import org.adjoint.op.OpSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks operations against their definitions, and shows how near each came to its bound. */
@Command(
    name = "check",
    description = {
      "check operations: derivatives, quick roads, views, threads, messages",
      "Shares are error/bound, the median and the largest of those that had an error."
    })
final class CheckCommand implements Callable<Integer> {
  private static final int FIRST_STEP = 1_000;
  private static final int LAST_STEP = 10_000;
  private static final Duration FUZZING = Duration.ofMinutes(1);
  private static final int KILLS = 100;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "OP", arity = "0..*", description = "operations; default: every one")
  private List<String> names = List.of();

  @Option(
      names = "--all",
      description =
          "also compare the bits of JVMs with other vectors, threads and compilers,"
              + " read damaged files for a minute a format, kill processes that save,"
              + " and see whether memory grows")
  private boolean all;

  @Option(names = "--memory", description = "only see whether memory grows over 10,000 steps")
  private boolean memory;

  @Option(names = "--mutants", description = "name every fault that was put into the gradients")
  private boolean mutants;

  @Mixin private CheckDevice device = new CheckDevice();

  private final List<String> failures = new ArrayList<>();
  private int passed;
  private int failed;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (device.isGiven()) {
      return device.check(chosen(), all, out) ? 0 : Failures.FAILED;
    }
    if (!memory || all) {
      checkOperations(chosen(), out);
    }
    if (all) {
      compareBits(out);
      damageFiles(out);
      killSaves(out);
    }
    if (memory || all) {
      watchMemory(out);
    }
    failures.forEach(out::println);
    out.printf("%d passed, %d failed%n", passed, failed);
    out.flush();
    return failed == 0 ? 0 : Failures.FAILED;
  }

  private List<OpSpec> chosen() {
    List<String> known = OpCatalog.all().stream().map(OpSpec::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new UserError("unknown operation '" + name + "'" + Failures.hint(name, known));
      }
    }
    return OpCatalog.all().stream()
        .filter(op -> names.isEmpty() || names.contains(op.name()))
        .toList();
  }

  private void checkOperations(List<OpSpec> ops, PrintWriter out) {
    CheckTable table = new CheckTable(out);
    table.head();
    for (OpSpec op : ops) {
      table.row(op, MutationCheck.of(op), mutants);
    }
    table.foot();
    passed += table.passed();
    failed += table.failed();
    failures.addAll(table.failures());
  }

  private void compareBits(PrintWriter out) {
    out.printf("%nBits after no step and after %,d:%n", LAST_STEP);
    Bits first = null;
    for (String flags : Bits.ways()) {
      Bits bits = Bits.of(flags, LAST_STEP, names);
      first = first == null ? bits : first;
      out.printf("  %-26s %.16s  %.16s%n", flags, bits.cold(), bits.warm());
      out.flush();
      note(
          bits.equal(first),
          "bits: %s: expected %s, got %s cold and %s warm"
              .formatted(flags, first.cold(), bits.cold(), bits.warm()));
    }
    out.println();
  }

  private void damageFiles(PrintWriter out) {
    out.printf("Damaged files, tried and read all the same:%n");
    for (Parsers parser : Parsers.values()) {
      Fuzz.Outcome outcome = Fuzz.run(parser, System.nanoTime(), FUZZING);
      out.printf("  %-12s %,12d %,12d%n", parser, outcome.tried(), outcome.read());
      out.flush();
      note(outcome.failure().isEmpty(), parser + ": " + outcome.failure());
    }
    out.println();
  }

  private void killSaves(PrintWriter out) {
    CheckpointKills.Outcome outcome = CheckpointKills.run(System.nanoTime(), KILLS, false);
    out.printf(
        "Processes killed while they saved checkpoints: %d, after %,d saves%n%n",
        outcome.kills(), outcome.saves());
    note(outcome.failure().isEmpty(), "checkpoint: " + outcome.failure());
  }

  private void watchMemory(PrintWriter out) {
    List<Footprint> seen = Footprint.measure(FIRST_STEP, LAST_STEP);
    Footprint early = seen.get(0);
    Footprint late = seen.get(1);
    out.printf("Memory in bytes after %,d and after %,d steps:%n", FIRST_STEP, LAST_STEP);
    out.printf("  tensors   %,15d %,15d%n", early.live(), late.live());
    out.printf("  heap      %,15d %,15d%n", early.heap(), late.heap());
    if (early.resident() < 0) {
      out.println("  resident  unknown: this system has no /proc/self/status; not checked");
    } else {
      out.printf("  resident  %,15d %,15d%n", early.resident(), late.resident());
    }
    List<String> grown = late.growthSince(early);
    note(grown.isEmpty(), "memory: " + String.join("; ", grown));
    out.println();
  }

  private void note(boolean good, String failure) {
    if (good) {
      passed++;
    } else {
      failed++;
      failures.add(failure);
    }
  }
}
