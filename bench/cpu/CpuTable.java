package org.adjoint.bench.cpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.adjoint.bench.Tables;

/** Runs of the benchmark in Markdown: a row per work, a column per peer. */
public final class CpuTable {
  private CpuTable() {}

  /**
   * A table for each file, under a line that says where it was measured.
   *
   * @throws IllegalArgumentException if a file holds no row of Adjoint's
   */
  public static String of(List<Results> files) {
    return Tables.each(files, CpuTable::rows);
  }

  private static List<List<String>> rows(Results file) {
    Map<String, Map<String, Result>> works = new LinkedHashMap<>();
    Set<String> peers = new LinkedHashSet<>();
    for (Result row : file.results()) {
      String contender = String.valueOf(row.variant());
      works.computeIfAbsent(row.what(), what -> new LinkedHashMap<>()).put(contender, row);
      if (!contender.equals(Outcome.ADJOINT)) {
        peers.add(contender);
      }
    }
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("work", "#adjoint"));
    peers.forEach(peer -> head.add("#" + peer));
    head.add("must");
    rows.add(head);
    works.forEach((work, contenders) -> rows.add(row(work, contenders, peers)));
    return rows;
  }

  /** Of a peer its time, and how many times as fast Adjoint was. */
  private static List<String> row(String work, Map<String, Result> rows, Set<String> peers) {
    Result own = rows.get(Outcome.ADJOINT);
    if (own == null) {
      throw new IllegalArgumentException("a file of the table holds no row of adjoint on " + work);
    }
    List<String> cells = new ArrayList<>(List.of(work, time(own)));
    for (String peer : peers) {
      Result row = rows.get(peer);
      Result.Ratio ratio = own.ratios().get(peer);
      cells.add(
          row == null || ratio == null
              ? ""
              : String.format(
                  Locale.ROOT,
                  "%s, **%.2f×** [%.2f, %.2f]",
                  time(row),
                  ratio.median(),
                  ratio.low(),
                  ratio.high()));
    }
    cells.add(must(work, rows));
    return cells;
  }

  private static String time(Result row) {
    return Report.digits(row.median()) + " " + row.unit();
  }

  /** What is asked of this work, if it is still one of ours, and whether that was met. */
  private static String must(String name, Map<String, Result> rows) {
    Optional<Work> known = Work.ALL.stream().filter(w -> w.name().equals(name)).findFirst();
    if (known.isEmpty()) {
      return "";
    }
    Work work = known.get();
    Map<String, double[]> times = new LinkedHashMap<>();
    rows.forEach((contender, row) -> times.put(contender, samples(row)));
    Must must = work.must();
    return must.text(work.unit()) + ": " + new Outcome(work, times).decide(must);
  }

  private static double[] samples(Result row) {
    return row.samples().isEmpty()
        ? new double[] {row.median()}
        : row.samples().stream().mapToDouble(x -> x).toArray();
  }
}
