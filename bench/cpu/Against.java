package org.adjoint.bench.cpu;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.adjoint.bench.Compare;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Interval;
import org.adjoint.bench.PairTable;
import org.adjoint.bench.Result;

/** This build's times beside another's, work by work, as a table and as rows of a file. */
final class Against {
  /** The other build's name in rows and messages. */
  static final String OTHER = "other";

  private final Build other;
  private final Duel duel;
  private final PrintWriter out;
  private final List<Result> rows = new ArrayList<>();

  /** Prepares works of {@code rounds} for each pair of JVMs, in turns of so many seconds. */
  Against(Build other, int rounds, double seconds, PrintWriter out) {
    this.other = other;
    this.out = out;
    duel =
        new Duel(
            () -> start(Outcome.ADJOINT, Build.here()),
            () -> start(OTHER, other),
            Duel.Pace.USUAL.with(rounds, seconds));
  }

  private static Contender start(String name, Build build) throws Lost {
    return CpuCommand.start(name, Jvm.worker(build, Worker.class, List.of("adjoint")));
  }

  /** Prints a line for each work; returns whether all came to their end. */
  boolean run(List<Work> works) {
    out.printf(
        "%s (%s) → this build (%s); ratios are times of this by the other's%n",
        other.home(), commit(other), commit(Build.here()));
    other
        .stale()
        .ifPresent(file -> out.printf("%s: %s is newer than its build%n", other.home(), file));
    out.flush();
    PairTable table = new PairTable(out, works.stream().map(Work::name).toList());
    boolean well = true;
    for (Work work : works) {
      try {
        Optional<Bouts> bouts = duel.run(work);
        if (bouts.isPresent()) {
          show(table, work, bouts.get());
        } else {
          out.printf("%s: the other build does not do this work%n", work.name());
        }
      } catch (Lost e) {
        out.println(e.getMessage());
        well = false;
      }
      out.flush();
    }
    table.sum();
    return well;
  }

  private static String commit(Build build) {
    return Environment.commit(build.home()).orElse("unknown commit");
  }

  private void show(PairTable table, Work work, Bouts bouts) {
    Compare.Pair pair = pair(work, bouts);
    rows.add(pair.now());
    rows.add(pair.old());
    String count = bouts.bouts().size() + " pairs";
    String difference = bouts.difference();
    table.add(pair, work.name(), difference.isEmpty() ? count : count + ", " + difference);
  }

  private Compare.Pair pair(Work work, Bouts bouts) {
    Interval interval = bouts.interval();
    Interval speed = interval.inverse();
    Result now =
        Report.row(work, Outcome.ADJOINT, inUnit(work, bouts.own()))
            .ratio(OTHER, new Result.Ratio(1 / bouts.ratio(), speed.low(), speed.high()))
            .build();
    Result old =
        Report.row(work, OTHER, inUnit(work, bouts.other()))
            .version("adjoint", commit(other))
            .build();
    return new Compare.Pair(now.key(), old, now, bouts.ratio(), interval, bouts.verdict());
  }

  private static double[] inUnit(Work work, double... seconds) {
    return Arrays.stream(seconds).map(work::inUnit).toArray();
  }

  /** Two rows for each work that came to its end. */
  List<Result> rows() {
    return rows;
  }
}
