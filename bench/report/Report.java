package org.adjoint.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.jspecify.annotations.Nullable;

/**
 * What a page is made of. Files that agree in environment and ceilings are one run, as if they had
 * been written at once; where two of them have a row about the same thing, that of the later file
 * is shown, and a note says so. What was measured elsewhere, or at another commit, is a run of its
 * own, shown beside the first under a letter of its own: nothing is averaged.
 *
 * @param notes for the reader, on rows that are not shown
 */
record Report(List<Run> runs, List<String> notes) {
  /** A file. */
  record Source(String name, Results results) {}

  private record Place(Environment environment, @Nullable Ceilings ceilings) {}

  /**
   * A training run's further rows are about that run alone: so its sample and seed belong to it.
   */
  private record Identity(Result.Key key, @Nullable String sample, @Nullable Long seed) {}

  private record Found(String file, Result row) {}

  static Report of(List<Source> files) {
    Map<Place, List<Source>> places = new LinkedHashMap<>();
    for (Source file : files) {
      Results results = file.results();
      places
          .computeIfAbsent(
              new Place(results.environment(), results.ceilings()), _ -> new ArrayList<>())
          .add(file);
    }
    List<Run> runs = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    int rows = 0;
    for (Map.Entry<Place, List<Source>> place : places.entrySet()) {
      Run run = run(letter(runs.size()), place.getKey(), place.getValue(), rows, notes);
      rows += run.rows().size();
      runs.add(run);
    }
    return new Report(List.copyOf(runs), List.copyOf(notes));
  }

  private static Run run(
      String letter, Place place, List<Source> files, int first, List<String> notes) {
    Map<Identity, Found> found = new LinkedHashMap<>();
    Map<String, Integer> replaced = new LinkedHashMap<>();
    for (Source file : files) {
      Results results = file.results();
      for (Result row : results.results()) {
        Identity identity = new Identity(row.key(), results.sample(), results.seed());
        Found before = found.put(identity, new Found(file.name(), row));
        if (before != null) {
          String what = "of %s replaced by those of %s".formatted(before.file(), file.name());
          replaced.merge(what, 1, Integer::sum);
        }
      }
    }
    replaced.forEach((what, count) ->
        notes.add("%d %s %s, which is later".formatted(count, count == 1 ? "row" : "rows", what)));
    List<Row> rows = new ArrayList<>();
    for (Found one : found.values()) {
      rows.add(new Row("r" + (first + rows.size() + 1), letter, one.row(), place.ceilings()));
    }
    return new Run(
        letter,
        files.stream().map(Source::name).toList(),
        place.environment(),
        place.ceilings(),
        List.copyOf(rows),
        files.stream().map(Source::results).filter(file -> file.sample() != null).toList());
  }

  /** A, B, …, Z, then AA, AB, … */
  private static String letter(int number) {
    String last = String.valueOf((char) ('A' + number % 26));
    return number < 26 ? last : letter(number / 26 - 1) + last;
  }

  /** Whether rows must say which run they are from. */
  boolean isMixed() {
    return runs.size() > 1;
  }

  Stream<Row> rows() {
    return runs.stream().flatMap(run -> run.rows().stream());
  }

  Stream<Row> kernels() {
    return runs.stream().flatMap(Run::kernels);
  }
}
