package org.adjoint.bench.report;

import java.util.List;
import java.util.Locale;

/** Numbers as people read them: three digits and a unit; NaN and infinity are a dash. */
final class Units {
  static final String UNKNOWN = "–";

  private static final List<String> LARGE = List.of("", "k", "M", "G", "T", "P");
  private static final List<String> SMALL = List.of("", "m", "µ", "n");

  private Units() {}

  static String time(double seconds) {
    int step = 0;
    double value = seconds;
    while (value != 0 && value < 0.9995 && step < SMALL.size() - 1) {
      value *= 1000;
      step++;
    }
    return with(value, SMALL.get(step) + "s");
  }

  static String bytesPerSecond(double rate) {
    return large(rate, "B/s");
  }

  static String flopPerSecond(double rate) {
    return large(rate, "FLOP/s");
  }

  static String bytes(double count) {
    return large(count, "B");
  }

  /** A share of 1 in per cent, with one decimal. */
  static String percent(double share) {
    return Double.isFinite(share)
        ? String.format(Locale.ROOT, "%.1f\u00a0%%", 100 * share)
        : UNKNOWN;
  }

  /** A factor. */
  static String times(double factor) {
    return Double.isFinite(factor) ? digits(factor) + "×" : UNKNOWN;
  }

  /** A whole number. */
  static String count(double number) {
    return Double.isFinite(number) ? String.format(Locale.ROOT, "%,.0f", number) : UNKNOWN;
  }

  private static String large(double count, String unit) {
    int step = 0;
    double value = count;
    while (value >= 999.5 && step < LARGE.size() - 1) {
      value /= 1000;
      step++;
    }
    return with(value, LARGE.get(step) + unit);
  }

  /** A number and its unit, which no line may end between. */
  static String with(double value, String unit) {
    String blank = unit.isEmpty() ? "" : "\u00a0";
    return Double.isFinite(value) ? digits(value) + blank + unit : UNKNOWN;
  }

  /** Three significant digits; from 100 up, and of 0, no decimals. */
  static String digits(double value) {
    double size = Math.abs(value);
    if (!Double.isFinite(value)) {
      return UNKNOWN;
    } else if (size != 0 && (size < 1e-4 || size >= 1e15)) {
      return String.format(Locale.ROOT, "%.2g", value);
    }
    int before = size == 0 ? 3 : 1 + (int) Math.floor(Math.log10(size * 1.0005));
    return String.format(Locale.ROOT, "%,." + Math.max(0, 3 - before) + "f", value);
  }

  /** The same without zeros at its end. */
  static String tick(double value) {
    String digits = digits(value);
    return digits.contains(".") ? digits.replaceAll("\\.?0+$", "") : digits;
  }
}
