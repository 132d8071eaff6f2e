package org.adjoint.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** LeNet-5 and the perceptrons beside it: a row a seed, the test error of each, and the means. */
final class ContestTable {
  /** As the sample names them; LeNet-5 itself is the run that the file is about. */
  private static final List<String> OTHERS = List.of("MLP", "MLP (digits unmoved)");

  private ContestTable() {}

  /**
   * The table in Markdown.
   *
   * @throws IllegalArgumentException if a file does not hold the errors of all, or the runs are not
   *     of one length
   */
  static String of(List<Results> files) {
    List<Results> runs =
        files.stream()
            .sorted(Comparator.comparing(run -> Objects.requireNonNullElse(run.seed(), 0L)))
            .toList();
    if (runs.stream().map(run -> run.epochs().size()).distinct().count() > 1) {
      throw new IllegalArgumentException("the runs of the table differ in their epochs");
    }
    List<ToDoubleFunction<Results>> errors = new ArrayList<>();
    errors.add(ContestTable::error);
    OTHERS.forEach(name -> errors.add(run -> figure(run, name + ": test error")));
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        row(
            "#seed",
            Stream.concat(Stream.of("LeNet-5"), OTHERS.stream()).map("#"::concat),
            "hardware",
            "commit"));
    for (Results run : runs) {
      rows.add(
          row(
              String.valueOf(run.seed()),
              errors.stream().map(error -> percent(error.applyAsDouble(run))),
              Tables.hardware(run),
              Tables.commit(run.environment())));
    }
    if (runs.size() > 1) {
      rows.add(
          row(
              "**mean**",
              errors.stream()
                  .map(error ->
                      "**"
                          + percent(runs.stream().mapToDouble(error).average().orElseThrow())
                          + "**"),
              "",
              ""));
    }
    return Tables.markdown(rows);
  }

  private static List<String> row(
      String seed, Stream<String> errors, String hardware, String commit) {
    return Stream.of(Stream.of(seed), errors, Stream.of(hardware, commit))
        .flatMap(cells -> cells)
        .toList();
  }

  private static double error(Results run) {
    Double error = run.epochs().isEmpty() ? null : run.epochs().getLast().testError();
    if (error == null) {
      throw new IllegalArgumentException("a file of the table holds no test error of LeNet-5");
    }
    return error;
  }

  private static double figure(Results run, String what) {
    return run.results().stream()
        .filter(result -> result.what().equals(what))
        .mapToDouble(Result::median)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("a file of the table holds no \"" + what + "\""));
  }

  private static String percent(double share) {
    return Tables.number("%.2f %%", 100 * share);
  }
}
