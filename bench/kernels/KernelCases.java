package org.adjoint.bench.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.adjoint.check.Quantiles;

/** The rows of a run by what they are about: families of cases, and in each case its variants. */
final class KernelCases {
  /**
   * One case.
   *
   * @param rows of its variants
   */
  record Case(List<Result> rows) {
    /** The name of the operation. */
    String op() {
      return rows.getFirst().what().split(" ", 2)[0];
    }

    /** The variant that the operation takes by itself, if it was measured. */
    Optional<Result> chosen() {
      return rows.stream().filter(row -> KernelLines.facts(row).chosen()).findFirst();
    }

    /** Whether a row has a time, and no other one less, by more than {@code share} of it. */
    boolean isBest(Result row, double share) {
      double least =
          rows.stream().mapToDouble(KernelCases::us).filter(Double::isFinite).min().orElse(0);
      return us(row) <= least * (1 + share);
    }
  }

  private KernelCases() {}

  /** By family, in the order of the file. */
  static Map<String, List<Case>> of(Results file) {
    Map<String, List<Result>> families = new LinkedHashMap<>();
    for (Result row : file.results()) {
      if (row.kernel() != null) {
        families.computeIfAbsent(row.kernel().family(), _ -> new ArrayList<>()).add(row);
      }
    }
    Map<String, List<Case>> cases = new LinkedHashMap<>();
    families.forEach((family, rows) -> cases.put(family, among(rows)));
    return cases;
  }

  /** The cases among rows, in their order. */
  static List<Case> among(List<Result> rows) {
    Map<String, List<Result>> cases = new LinkedHashMap<>();
    for (Result row : rows) {
      String key = row.what() + row.dtype() + row.shape();
      cases.computeIfAbsent(key, _ -> new ArrayList<>()).add(row);
    }
    return cases.values().stream().map(Case::new).toList();
  }

  /** Microseconds, measured or implied; NaN where there are none. */
  static double us(Result row) {
    if (row.unit().equals("us")) {
      return row.median();
    }
    Double implied = isUnseen(row) ? null : KernelLines.facts(row).impliedUs();
    return Objects.requireNonNullElse(implied, Double.NaN);
  }

  /** What was moved, as a multiple of what must be: what all blocks read counts once a block. */
  static double moved(Result row) {
    Traffic traffic = KernelLines.facts(row).traffic();
    double bytes = Math.max(1, Objects.requireNonNullElse(row.bytes(), 0L));
    return traffic == null || isUnseen(row) ? Double.NaN : traffic.cached() / bytes;
  }

  /** Whether what was counted is little of what was moved. */
  private static boolean isUnseen(Result row) {
    return Variant.isLibrary(String.valueOf(row.variant()));
  }

  /** The median of what is known of some rows; NaN if nothing is. */
  static double median(List<Result> rows, ToDoubleFunction<Result> number) {
    return Quantiles.median(rows.stream().mapToDouble(number));
  }

  /** The row that moves most for what it must. */
  static Optional<Result> worst(List<Result> rows) {
    return rows.stream()
        .filter(row -> Double.isFinite(moved(row)))
        .max(Comparator.comparingDouble(KernelCases::moved));
  }
}
