package org.adjoint.bench.kernels;

import java.util.Locale;
import java.util.Objects;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.KernelFacts.Traffic;
import org.adjoint.bench.Result;

/** Lines of the tables of kernels. */
final class KernelLines {
  static final String COUNTS =
      "    variant       error  asked  moved  cached   ideal   conflicts  barriers   atomics"
          + "    implied us  roofline";
  static final String TIMES =
      "    variant       error    cold us    p10    p90     n     warm us      GB/s    TFLOP/s";

  private KernelLines() {}

  /** What a case is, and what it needs. */
  static String head(Result row) {
    return String.format(
        Locale.ROOT,
        "  %s %s %s: %,d bytes, %,d FLOP",
        row.what(),
        row.shape(),
        row.dtype(),
        row.bytes(),
        row.flop());
  }

  private static String name(Result row) {
    boolean chosen = facts(row).chosen();
    return String.format(
        Locale.ROOT,
        "  %s %-12s %5.2f",
        chosen ? "*" : " ",
        row.variant(),
        Objects.requireNonNullElse(row.errorShare(), 0.0));
  }

  /** A variant on the emulator: bytes as multiples of those that must be moved. */
  static String counts(Result row) {
    Traffic traffic = facts(row).traffic();
    Double implied = facts(row).impliedUs();
    if (traffic == null || implied == null) {
      return name(row) + "  right; a library's own kernels are not counted";
    }
    double bytes = Math.max(1, Objects.requireNonNullElse(row.bytes(), 1L));
    return name(row)
        + String.format(
            Locale.ROOT,
            " %6.2f %6.2f %7.2f %7.2f %,11d %,9d %,9d %13.3f  %7.1f %%",
            (traffic.loaded() + traffic.stored()) / bytes,
            traffic.moved() / bytes,
            traffic.cached() / bytes,
            traffic.ideal() / bytes,
            traffic.conflicts(),
            traffic.barriers(),
            traffic.atomics(),
            implied,
            100 * leastUs(row, Roofline.H100) / implied);
  }

  /** A variant on a GPU. */
  static String times(Result row) {
    KernelFacts.Warm warm = facts(row).warm();
    double seconds = 1e-6 * row.median();
    return name(row)
        + String.format(
            Locale.ROOT,
            " %10.2f %6.2f %6.2f %5d%s %10s %9.0f %10.2f",
            row.median(),
            row.p10(),
            row.p90(),
            row.n(),
            Boolean.TRUE.equals(facts(row).settled()) ? " " : "?",
            warm == null
                ? ""
                : String.format(Locale.ROOT, "%.2f%s", warm.median(), warm.queued() ? "h" : ""),
            Objects.requireNonNullElse(row.bytes(), 0L) / seconds / 1e9,
            Objects.requireNonNullElse(row.flop(), 0L) / seconds / 1e12);
  }

  /** Microseconds that the bytes and the FLOP of a row take at the ceilings. */
  static double leastUs(Result row, Ceilings ceilings) {
    double bytes = Objects.requireNonNullElse(row.bytes(), 0L);
    double flop = Objects.requireNonNullElse(row.flop(), 0L);
    return 1e6 * ceilings.seconds(bytes, flop, facts(row).math());
  }

  static KernelFacts facts(Result row) {
    return Objects.requireNonNull(row.kernel());
  }
}
