package org.adjoint.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** Training runs of one sample, a row a seed, and the mean of those that differ in nothing else. */
final class TrainingTable {
  private static final List<String> HEAD =
      List.of(
          "device",
          "#seed",
          "#parameters",
          "#epochs",
          "#test error",
          "#seconds per epoch",
          "hardware",
          "commit");

  private TrainingTable() {}

  /**
   * The table in Markdown.
   *
   * @throws IllegalArgumentException if a file holds no training run
   */
  static String of(List<Results> runs) {
    List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    for (List<Results> group : groups(runs)) {
      group.forEach(run -> rows.add(row(run)));
      if (group.size() > 1) {
        rows.add(mean(group));
      }
    }
    return Tables.markdown(rows);
  }

  /** Runs that only the seed tells apart, in the order of their seeds. */
  private static Iterable<List<Results>> groups(List<Results> runs) {
    Map<List<Object>, List<Results>> groups = new LinkedHashMap<>();
    for (Results run : runs) {
      if (run.sample() == null || run.epochs().isEmpty()) {
        throw new IllegalArgumentException("a file of the table holds no training run");
      }
      List<Object> key =
          List.of(
              device(run),
              Tables.hardware(run),
              Objects.requireNonNull(run.parameters()),
              run.epochs().size());
      groups.computeIfAbsent(key, ignored -> new ArrayList<>()).add(run);
    }
    groups.values().forEach(group -> group.sort(Comparator.comparingLong(TrainingTable::seed)));
    return groups.values();
  }

  private static List<String> row(Results run) {
    return List.of(
        device(run),
        String.valueOf(run.seed()),
        String.format(Locale.ROOT, "%,d", run.parameters()),
        String.valueOf(run.epochs().getLast().epoch()),
        percent(error(run)),
        seconds(run),
        Tables.hardware(run),
        Tables.commit(run.environment()));
  }

  private static List<String> mean(List<Results> group) {
    OptionalDouble error =
        group.stream().allMatch(run -> error(run).isPresent())
            ? group.stream().mapToDouble(run -> error(run).getAsDouble()).average()
            : OptionalDouble.empty();
    double seconds =
        group.stream().mapToDouble(TrainingTable::secondsPerEpoch).average().orElseThrow();
    return List.of(
        device(group.get(0)),
        "**mean**",
        "",
        "",
        error.isPresent() ? "**" + percent(error) + "**" : "",
        "**" + Tables.number("%.3g", seconds) + "**",
        "",
        "");
  }

  private static OptionalDouble error(Results run) {
    Double error = run.epochs().getLast().testError();
    return error == null ? OptionalDouble.empty() : OptionalDouble.of(error);
  }

  private static String percent(OptionalDouble share) {
    return share.isPresent() ? Tables.number("%.2f %%", 100 * share.getAsDouble()) : "";
  }

  private static String seconds(Results run) {
    return Tables.number("%.3g", secondsPerEpoch(run));
  }

  private static double secondsPerEpoch(Results run) {
    return run.epochs().stream().mapToDouble(Epoch::seconds).average().orElseThrow();
  }

  private static long seed(Results run) {
    return Objects.requireNonNull(run.seed());
  }

  /** With what was not as usual in the run. */
  private static String device(Results run) {
    return run.variant() == null ? run.device() + "" : run.device() + ", " + run.variant();
  }
}
