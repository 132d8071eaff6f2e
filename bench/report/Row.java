package org.adjoint.bench.report;

import java.util.Map;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.Result;
import org.jspecify.annotations.Nullable;

/**
 * A row of a file, and what follows from it. NaN is what cannot be known.
 *
 * @param id of the row in the page
 * @param run the letter of the run that it belongs to
 * @param ceilings of the GPU that it ran on, or was counted for
 */
record Row(String id, String run, Result result, @Nullable Ceilings ceilings) {
  private static final Map<String, Double> SECONDS =
      Map.of("s", 1.0, "ms", 1e-3, "us", 1e-6, "µs", 1e-6, "ns", 1e-9);

  /** What can be set side by side: one operation on one shape. */
  record Case(String what, String dtype, String shape) {
    @Override
    public String toString() {
      return String.join(" ", what, dtype, shape).strip();
    }
  }

  Case of() {
    return new Case(result.what(), text(result.dtype()), text(result.shape()));
  }

  String variant() {
    return text(result.variant());
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  boolean isChosen() {
    return result.kernel() != null && result.kernel().chosen();
  }

  /** Whether its time, if it has one, was reckoned from what an emulated GPU counted. */
  boolean isImplied() {
    KernelFacts kernel = result.kernel();
    return kernel != null && (kernel.traffic() != null || !SECONDS.containsKey(result.unit()));
  }

  /** What one run takes: measured, or implied. */
  double seconds() {
    KernelFacts kernel = result.kernel();
    if (kernel != null && isImplied()) {
      return kernel.impliedUs() == null ? Double.NaN : 1e-6 * kernel.impliedUs();
    }
    return inSeconds(result.median());
  }

  /** A number in the row's unit; NaN if that is not one of time. */
  double inSeconds(double number) {
    Double unit = SECONDS.get(result.unit());
    return unit == null ? Double.NaN : unit * number;
  }

  double bytes() {
    return result.bytes() == null ? Double.NaN : result.bytes();
  }

  double flop() {
    return result.flop() == null ? Double.NaN : result.flop();
  }

  /** FLOP per byte that must be moved. */
  double intensity() {
    return flop() / bytes();
  }

  double flopPerSecond() {
    return flop() / seconds();
  }

  double bytesPerSecond() {
    return bytes() / seconds();
  }

  /** The time that the ceilings allow, beside the time that it takes. */
  double shareOfRoof() {
    KernelFacts kernel = result.kernel();
    if (ceilings == null || kernel == null) {
      return Double.NaN;
    }
    double flop = result.flop() == null ? 0 : result.flop();
    return ceilings.seconds(bytes(), flop, kernel.math()) / seconds();
  }

  boolean isAboveRoof() {
    return shareOfRoof() > Ceilings.MOST;
  }

  /**
   * Bytes of the sectors that requests touched, beside those that had to be moved; what all blocks
   * share counts once a block, as in the implied time.
   */
  double moved() {
    KernelFacts.Traffic traffic = traffic();
    return traffic == null ? Double.NaN : traffic.cached() / bytes();
  }

  /** The same, where every request counts. */
  double requested() {
    KernelFacts.Traffic traffic = traffic();
    return traffic == null ? Double.NaN : traffic.moved() / bytes();
  }

  double conflicts() {
    KernelFacts.Traffic traffic = traffic();
    return traffic == null ? Double.NaN : traffic.conflicts();
  }

  KernelFacts.@Nullable Traffic traffic() {
    return result.kernel() == null ? null : result.kernel().traffic();
  }

  /** The greatest error as a share of its bound. */
  double error() {
    return result.errorShare() == null ? Double.NaN : result.errorShare();
  }
}
