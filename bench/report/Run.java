package org.adjoint.bench.report;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Results;
import org.jspecify.annotations.Nullable;

/**
 * What was measured in one place and at one commit: files whose environment and ceilings are equal.
 *
 * @param letter that tells it from the other runs of a page
 * @param files by name
 * @param trainings those of the files that hold a training run
 */
record Run(
    String letter,
    List<String> files,
    Environment environment,
    @Nullable Ceilings ceilings,
    List<Row> rows,
    List<Results> trainings) {

  /** What ran: the accelerator's own name, or the processor's. */
  String device() {
    if (environment.device() != null) {
      return environment.device();
    }
    return environment.cpu() == null ? environment.os() : environment.cpu();
  }

  /** The rows about kernels of a GPU. */
  Stream<Row> kernels() {
    return rows.stream().filter(row -> row.result().kernel() != null);
  }

  boolean isImplied() {
    return kernels().anyMatch(Row::isImplied);
  }

  boolean isTimedOnGpu() {
    return kernels().anyMatch(row -> !row.isImplied());
  }

  /** Of the libraries and peers involved: one, unless the rows differ. */
  Map<String, Set<String>> versions() {
    Map<String, Set<String>> versions = new TreeMap<>();
    for (Row row : rows) {
      row.result()
          .versions()
          .forEach(
              (name, version) -> versions.computeIfAbsent(name, _ -> new TreeSet<>()).add(version));
    }
    return versions;
  }
}
