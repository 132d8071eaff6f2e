package org.adjoint.bench.cpu;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.adjoint.bench.Interval;
import org.adjoint.bench.Result;
import org.adjoint.bench.cpu.Must.Met;

/** The outcomes as a table on the console, and as rows of a file. */
final class Report {
  private final PrintWriter out;
  private final Map<Met, Integer> musts = new EnumMap<>(Met.class);

  Report(PrintWriter out) {
    this.out = out;
  }

  void head() {
    out.printf(
        "%-25s %-11s %12s %9s %9s  %s%n",
        "work", "contender", "median", "p10–p90", "GFLOP/s", "speed of Adjoint / peer");
    out.flush();
  }

  /** Shows a work: a line per contender, and one on what was asked of Adjoint. */
  void show(Outcome outcome) {
    Work work = outcome.work();
    Map<String, Interval> ratios = outcome.ratios();
    String label = work.name();
    for (String name : outcome.times().keySet()) {
      double median = Outcome.median(outcome.of(name));
      Interval ratio = ratios.get(name);
      out.printf(
          Locale.ROOT,
          "%-25s %-11s %9s %-2s %9s %9s  %s%n",
          label,
          name,
          digits(median),
          work.unit(),
          String.format(Locale.ROOT, "%.1f %%", 100 * outcome.spread(name)),
          work.flop() == 0 ? "" : String.format(Locale.ROOT, "%.0f", gflops(work, median)),
          ratio == null
              ? ""
              : String.format(
                  Locale.ROOT, "%.3f× %s", Outcome.median(outcome.quotients(name)), ratio));
      label = "";
    }
    Met met = outcome.decide(work.must());
    musts.merge(met, 1, Integer::sum);
    out.printf("%-25s must %s%n%n", "", demands(outcome));
    out.flush();
  }

  private static String demands(Outcome outcome) {
    Work work = outcome.work();
    List<String> all = new ArrayList<>();
    all.add(work.must().text(work.unit()) + ": " + outcome.decide(work.must()));
    for (Must goal : work.goals()) {
      all.add("goal " + goal.text(work.unit()) + ": " + outcome.decide(goal));
    }
    return String.join("; ", all);
  }

  void foot() {
    out.printf(
        "musts: %s%n",
        musts.entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue())
            .collect(Collectors.joining(", ")));
  }

  private static double gflops(Work work, double time) {
    return work.flop() / (time / work.inUnit(1)) / 1e9;
  }

  static String digits(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.3f", value);
  }

  /** A row per contender; Adjoint's has the ratios. */
  static List<Result> rows(Outcome outcome, Map<String, Map<String, String>> versions) {
    Work work = outcome.work();
    List<Result> rows = new ArrayList<>();
    for (String name : outcome.times().keySet()) {
      Result.Builder row = row(work, name, outcome.of(name));
      versions.getOrDefault(name, Map.of()).forEach(row::version);
      if (name.equals(Outcome.ADJOINT)) {
        outcome
            .ratios()
            .forEach((peer, interval) ->
                row.ratio(
                    peer,
                    new Result.Ratio(
                        Outcome.median(outcome.quotients(peer)), interval.low(), interval.high())));
      }
      rows.add(row.build());
    }
    return rows;
  }

  /** What all rows about a work say; {@code times} are in its unit. */
  static Result.Builder row(Work work, String contender, double... times) {
    Result.Builder row =
        Result.of(work.name()).variant(contender).device("cpu").samples(work.unit(), times);
    if (work.shape() != null) {
      row.dtype("F32").shape(work.shape());
    }
    if (work.flop() > 0) {
      row.flop(work.flop());
    }
    return row;
  }
}
