package org.adjoint.bench.report;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * An axis with a logarithmic scale, whose places are shares of its length: so a drawing has no
 * width, and its letters keep their size on a phone.
 *
 * @param low its left or lower end, above 0
 * @param base what the distance of two ticks stands for
 */
record Axis(double low, double high, double base) {
  /** From the tick below the least of the values to the one above the greatest. */
  static Axis around(double base, double... values) {
    DoubleSummaryStatistics range = Arrays.stream(values).summaryStatistics();
    double step = Math.log(base);
    double first = Math.floor(Math.log(range.getMin()) / step + 1e-9);
    double last = Math.ceil(Math.log(range.getMax()) / step - 1e-9);
    return new Axis(Math.pow(base, first), Math.pow(base, Math.max(last, first + 1)), base);
  }

  /** From 0 to 1; what lies outside is put on the end. */
  double place(double value) {
    double share = Math.log(value / low) / Math.log(high / low);
    return Math.clamp(share, 0, 1);
  }

  /** From the left, as an attribute. */
  String across(double value) {
    return percent(place(value));
  }

  /** From above, as an attribute. */
  String down(double value) {
    return percent(1 - place(value));
  }

  /** The powers of the base, at most ten of them. */
  List<Double> ticks() {
    int count = (int) Math.round(Math.log(high / low) / Math.log(base));
    int step = 1 + count / 10;
    return IntStream.rangeClosed(0, count / step)
        .mapToObj(i -> low * Math.pow(base, i * step))
        .toList();
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }
}
