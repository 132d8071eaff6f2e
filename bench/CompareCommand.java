package org.adjoint.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.adjoint.bench.Compare.Comparison;
import org.adjoint.bench.Compare.Pair;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what became faster or slower between two files of results. */
@Command(
    name = "compare",
    description = {
      "compare two files of results",
      "A verdict is FASTER or SLOWER where the 95 %% interval of new/old lies outside 1 ± 0.03, "
          + "else SAME where it lies within 1 ± 0.05, else UNCLEAR."
    })
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "OLD", description = "a file of results")
  private Path old;

  @Parameters(paramLabel = "NEW", description = "a later one of the same kind")
  private Path now;

  @Override
  public Integer call() {
    Results before = ResultFile.read(old);
    Results after = ResultFile.read(now);
    if ((before.sample() == null) != (after.sample() == null)) {
      throw new UserError(
          "%s holds a training run, the other file a benchmark"
              .formatted(before.sample() == null ? now : old));
    }
    PrintWriter out = spec.commandLine().getOut();
    environment(out, before.environment(), after.environment());
    if (before.sample() != null) {
      training(out, before, after);
    }
    if (!before.results().isEmpty() || !after.results().isEmpty()) {
      benchmark(out, before, after);
    }
    out.flush();
    return 0;
  }

  /** A ratio of times from two machines is about the machines. */
  private static void environment(PrintWriter out, Environment old, Environment now) {
    differs(out, "commit", old.commit(), now.commit());
    differs(out, "java", old.java(), now.java());
    differs(out, "cpu", old.cpu(), now.cpu());
    differs(out, "processors", old.processors(), now.processors());
    differs(out, "threads", old.threads(), now.threads());
    differs(out, "simd", old.simd(), now.simd());
    differs(out, "device", old.device(), now.device());
  }

  private static void differs(
      PrintWriter out, String what, @Nullable Object old, @Nullable Object now) {
    if (!Objects.equals(old, now)) {
      out.printf("%s differs: %s → %s%n", what, shown(old), shown(now));
    }
  }

  private static void training(PrintWriter out, Results old, Results now) {
    if (!Objects.equals(old.sample(), now.sample())) {
      throw new UserError("cannot compare %s with %s".formatted(old.sample(), now.sample()));
    }
    differs(out, "variant", old.variant(), now.variant());
    differs(out, "device", old.device(), now.device());
    differs(out, "seed", old.seed(), now.seed());
    differs(out, "parameters", old.parameters(), now.parameters());
    differs(out, "epochs", old.epochs().size(), now.epochs().size());
    if (old.epochs().isEmpty() || now.epochs().isEmpty()) {
      return;
    }
    Double errorOld = old.epochs().getLast().testError();
    Double errorNow = now.epochs().getLast().testError();
    if (errorOld != null && errorNow != null) {
      out.printf(
          Locale.ROOT,
          "final test error   %.2f %% → %.2f %%   %+.2f points%n",
          100 * errorOld,
          100 * errorNow,
          100 * (errorNow - errorOld));
    }
    if (isTimed(old) && isTimed(now)) {
      double secondsOld = meanSeconds(old);
      double secondsNow = meanSeconds(now);
      Interval interval = Compare.secondsPerEpoch(old.epochs(), now.epochs());
      boolean few = Math.min(old.epochs().size(), now.epochs().size()) < Compare.FEW;
      out.printf(
          Locale.ROOT,
          "seconds per epoch  %.3g → %.3g   ratio %.3f %s   %s%n",
          secondsOld,
          secondsNow,
          secondsNow / secondsOld,
          interval,
          few ? Verdict.UNCLEAR : Verdict.of(interval));
    }
  }

  private static boolean isTimed(Results run) {
    return run.epochs().stream().allMatch(epoch -> epoch.seconds() > 0);
  }

  private static double meanSeconds(Results run) {
    return run.epochs().stream().mapToDouble(Epoch::seconds).average().orElseThrow();
  }

  private static void benchmark(PrintWriter out, Results old, Results now) {
    Comparison comparison;
    try {
      comparison = Compare.rows(old.results(), now.results());
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
    List<Pair> pairs = comparison.pairs();
    var table = new PairTable(out, pairs.stream().map(Pair::key).toList());
    pairs.forEach(table::add);
    comparison.onlyOld().forEach(key -> out.printf(Locale.ROOT, "only in the old file: %s%n", key));
    comparison.onlyNew().forEach(key -> out.printf(Locale.ROOT, "only in the new file: %s%n", key));
    table.sum();
  }

  private static String shown(@Nullable Object value) {
    return value == null ? "unknown" : value.toString();
  }
}
