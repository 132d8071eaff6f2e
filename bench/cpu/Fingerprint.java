package org.adjoint.bench.cpu;

import java.util.ArrayList;
import java.util.List;
import org.adjoint.Tensor;

/**
 * A few numbers that tell results apart: of each tensor its root mean square and four elements. No
 * contender is timed that did not find what the others found.
 */
final class Fingerprint {
  static final int NUMBERS = 5;

  /** Sums of floats in another order differ by far less, wrong results by far more. */
  private static final double TOLERANCE = 1e-3;

  private Fingerprint() {}

  static List<Double> of(Tensor... results) {
    List<Double> print = new ArrayList<>();
    for (Tensor result : results) {
      print.addAll(of(result.toFloats()));
    }
    return print;
  }

  static List<Double> of(float... values) {
    double squares = 0;
    for (float v : values) {
      squares += (double) v * v;
    }
    int n = values.length;
    return List.of(
        Math.sqrt(squares / n),
        (double) values[0],
        (double) values[n / 3],
        (double) values[2 * (n / 3)],
        (double) values[n - 1]);
  }

  /** The first place where they differ, in words; empty if they agree. A NaN is like nothing. */
  static String difference(List<Double> a, List<Double> b) {
    if (a.size() != b.size()) {
      return "%d numbers, not %d".formatted(b.size(), a.size());
    }
    for (int i = 0; i < a.size(); i++) {
      double size = Math.abs(a.get(i - i % NUMBERS));
      if (!(Math.abs(a.get(i) - b.get(i)) <= TOLERANCE * size)) {
        return "number %d is %s, not %s".formatted(i, b.get(i), a.get(i));
      }
    }
    return "";
  }

  /** How results differ from those of another build, in words; empty if in no bit. */
  static String change(List<Double> other, List<Double> own) {
    if (own.equals(other)) {
      return "";
    }
    String difference = difference(other, own);
    return difference.isEmpty() ? "other bits" : "other results: " + difference;
  }
}
