package org.adjoint.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says of two files of results what became faster and what slower.
 *
 * <p>Rows that are about the same thing are matched. The ratio of their medians is given with an
 * interval: where both rows carry their samples, the 95 % interval of {@link Bootstrap}; where one
 * does not, from new p10 / old p90 to new p90 / old p10. The latter says how far single samples
 * differ and not how well the medians are known, so it is far wider: it calls unclear what samples
 * would decide, and not the other way round. With fewer than {@value #FEW} samples nothing is
 * clear.
 */
public final class Compare {
  static final int FEW = 5;

  private static final Set<String> TIMES = Set.of("s", "ms", "us", "µs", "ns");

  /**
   * Two rows about the same thing.
   *
   * @param ratio new / old of their medians
   * @param interval of that ratio; null if the unit is neither of a time nor of a rate
   */
  public record Pair(
      Result.Key key,
      Result old,
      Result now,
      double ratio,
      @Nullable Interval interval,
      @Nullable Verdict verdict) {}

  /** All there is to say: the matched rows, and those that stand in one file only. */
  record Comparison(List<Pair> pairs, List<Result.Key> onlyOld, List<Result.Key> onlyNew) {}

  private Compare() {}

  /**
   * Compares the rows of two benchmarks.
   *
   * @throws IllegalArgumentException if a file has two rows about one thing, or units differ
   */
  static Comparison rows(List<Result> old, List<Result> now) {
    Map<Result.Key, Result> before = byKey(old);
    Map<Result.Key, Result> after = byKey(now);
    var pairs = new ArrayList<Pair>();
    before.forEach((key, row) -> {
      Result match = after.get(key);
      if (match != null) {
        pairs.add(pair(key, row, match));
      }
    });
    return new Comparison(pairs, missing(before, after), missing(after, before));
  }

  private static Map<Result.Key, Result> byKey(List<Result> rows) {
    var byKey = new LinkedHashMap<Result.Key, Result>();
    for (Result row : rows) {
      if (byKey.put(row.key(), row) != null) {
        throw new IllegalArgumentException("two rows about " + row.key());
      }
    }
    return byKey;
  }

  private static List<Result.Key> missing(
      Map<Result.Key, Result> from, Map<Result.Key, Result> in) {
    return from.keySet().stream().filter(key -> !in.containsKey(key)).toList();
  }

  private static Pair pair(Result.Key key, Result old, Result now) {
    if (!old.unit().equals(now.unit())) {
      throw new IllegalArgumentException(
          "%s: cannot compare %s with %s".formatted(key, old.unit(), now.unit()));
    }
    double ratio = now.median() / old.median();
    boolean rate = old.unit().endsWith("/s");
    if (!rate && !TIMES.contains(old.unit())) {
      return new Pair(key, old, now, ratio, null, null);
    }
    if (!isPositive(old) || !isPositive(now)) {
      throw new IllegalArgumentException(key + ": a time or rate must be above 0");
    }
    Interval interval = interval(old, now);
    Verdict verdict =
        Math.min(old.n(), now.n()) < FEW
            ? Verdict.UNCLEAR
            : Verdict.of(rate ? interval.inverse() : interval);
    return new Pair(key, old, now, ratio, interval, verdict);
  }

  private static boolean isPositive(Result row) {
    return row.p10() > 0 && row.samples().stream().allMatch(sample -> sample > 0);
  }

  private static Interval interval(Result old, Result now) {
    if (old.samples().isEmpty() || now.samples().isEmpty()) {
      return new Interval(now.p10() / old.p90(), now.p90() / old.p10());
    }
    return Bootstrap.ratio(numbers(old.samples()), numbers(now.samples()), Bootstrap::median);
  }

  /** The ratio of the mean seconds per epoch of two training runs. */
  static Interval secondsPerEpoch(List<Epoch> old, List<Epoch> now) {
    return Bootstrap.ratio(seconds(old), seconds(now), Bootstrap::mean);
  }

  private static double[] seconds(List<Epoch> epochs) {
    return epochs.stream().mapToDouble(Epoch::seconds).toArray();
  }

  private static double[] numbers(List<Double> list) {
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
