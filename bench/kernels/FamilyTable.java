package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.adjoint.bench.Tables;
import org.adjoint.bench.kernels.KernelCases.Case;
import org.jspecify.annotations.Nullable;

/** Runs of {@code bench kernels} in Markdown: a row for each family of kernels. */
public final class FamilyTable {
  private static final String NAIVE = "naive";

  private final @Nullable Ceilings ceilings;
  private final boolean counted;
  private final Set<String> peers = new LinkedHashSet<>();

  private FamilyTable(Results file) {
    ceilings = file.ceilings();
    List<Result> kernels = file.results().stream().filter(row -> row.kernel() != null).toList();
    counted = kernels.stream().map(Result::kernel).anyMatch(FamilyTable::isCounted);
    kernels.forEach(row -> peers.addAll(row.ratios().keySet()));
  }

  private static boolean isCounted(@Nullable KernelFacts kernel) {
    return kernel != null && kernel.traffic() != null;
  }

  /** A table for each file, under a line that says where it was made. */
  public static String of(List<Results> files) {
    return Tables.each(files, file -> new FamilyTable(file).rows(file));
  }

  private List<List<String>> rows(Results file) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("family", "#cases", "#variants"));
    if (counted) {
      head.addAll(List.of("#moved", "#at most", "#by naive kernels", "#conflicts"));
    } else {
      head.add("#of the roofline");
      peers.forEach(peer -> head.add("#× " + peer));
    }
    rows.add(head);
    KernelCases.of(file).forEach((family, cases) -> rows.add(row(family, cases)));
    return rows;
  }

  private List<String> row(String family, List<Case> cases) {
    List<Result> chosen = cases.stream().flatMap(one -> one.chosen().stream()).toList();
    long variants =
        cases.stream()
            .flatMap(one -> one.rows().stream().map(row -> one.op() + " " + row.variant()))
            .distinct()
            .count();
    List<String> row = new ArrayList<>(List.of(family, "" + cases.size(), "" + variants));
    if (counted) {
      row.add(times(KernelCases.median(chosen, KernelCases::moved)));
      row.add(KernelCases.worst(chosen).map(FamilyTable::worst).orElse(""));
      List<Result> naive =
          cases.stream()
              .flatMap(one -> one.rows().stream())
              .filter(one -> NAIVE.equals(one.variant()))
              .toList();
      row.add(times(KernelCases.median(naive, KernelCases::moved)));
      row.add(
          String.format(
              Locale.ROOT, "%,d", chosen.stream().mapToLong(FamilyTable::conflicts).sum()));
    } else {
      row.add(percent(KernelCases.median(chosen, this::share)));
      peers.forEach(peer -> row.add(times(KernelCases.median(chosen, one -> ratio(one, peer)))));
    }
    return row;
  }

  private double share(Result row) {
    return ceilings == null ? Double.NaN : KernelLines.leastUs(row, ceilings) / KernelCases.us(row);
  }

  private static String worst(Result row) {
    return "%s: %s %s %s"
        .formatted(times(KernelCases.moved(row)), row.what(), row.dtype(), row.shape());
  }

  private static long conflicts(Result row) {
    KernelFacts.Traffic traffic = KernelLines.facts(row).traffic();
    return traffic == null ? 0 : traffic.conflicts();
  }

  private static double ratio(Result row, String peer) {
    Result.Ratio ratio = row.ratios().get(peer);
    return ratio == null ? Double.NaN : ratio.median();
  }

  static String times(double number) {
    return Double.isFinite(number) ? String.format(Locale.ROOT, "%.2f", number) : "";
  }

  private static String percent(double share) {
    return Double.isFinite(share) ? String.format(Locale.ROOT, "%.0f %%", 100 * share) : "";
  }
}
