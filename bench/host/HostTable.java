package org.adjoint.bench.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.adjoint.bench.Interval;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.adjoint.bench.Student;
import org.adjoint.bench.Tables;

/** Runs of the measurements of host code in Markdown: a row per work. */
public final class HostTable {
  private static final double NS_PER_US = 1e3;

  private HostTable() {}

  /** A table for each file, under a line that says where it was measured. */
  public static String of(List<Results> files) {
    return Tables.each(files, HostTable::rows);
  }

  private static List<List<String>> rows(Results file) {
    List<List<String>> rows = new ArrayList<>(List.of(List.of("work", "an operation", "#time")));
    file.results().forEach(row -> rows.add(row(row)));
    return rows;
  }

  private static List<String> row(Result row) {
    Interval mean =
        Student.mean(row.samples().stream().mapToDouble(ns -> ns / NS_PER_US).toArray());
    return List.of(
        row.what(),
        HostWork.named(row.what()).map(HostWork::what).orElse(""),
        String.format(
            Locale.ROOT,
            "%.3f ± %.3f us",
            (mean.low() + mean.high()) / 2,
            (mean.high() - mean.low()) / 2));
  }
}
