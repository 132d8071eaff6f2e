package org.adjoint.bench.kernels;

import java.util.Map;
import java.util.Set;
import org.adjoint.DType;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.bench.Ceilings;
import org.adjoint.check.Timing;
import org.jspecify.annotations.Nullable;

/** How long a kernel must take at least, by what it moves and what it computes. */
record Roofline(Ceilings ceilings) {
  /** By NVIDIA's data sheet of the H100 SXM: of TF32 and BF16, dense products of tensor cores. */
  static final Ceilings H100 =
      new Ceilings(
          false, 3.35e12, Map.of("F32", 67e12, "F64", 34e12, "TF32", 494e12, "BF16", 989e12));

  private static final String THREE = "3xtf32";
  private static final Set<String> BY_TENSOR_CORES = Set.of("mma", "cublas", "cudnn");

  /** Those that round factors of F32. */
  private static final Set<String> ROUNDING = Set.of("tf32", "cublas_tf32", "cudnn_tf32");

  /** Whether a variant rounds factors of F32 to TF32. */
  static boolean rounds(String variant) {
    return ROUNDING.contains(variant);
  }

  /** The kind of arithmetic that a variant does most of. */
  static String math(String variant, DType dtype) {
    if (rounds(variant) || variant.equals(THREE)) {
      return "TF32";
    }
    boolean narrow = dtype == DType.BF16 || dtype == DType.F16;
    if (narrow && BY_TENSOR_CORES.contains(variant)) {
      return "BF16";
    }
    return dtype == DType.F64 ? "F64" : "F32";
  }

  /** The least seconds for what a variant computes, and for so many bytes. */
  double seconds(Timing timing, double bytes) {
    // That variant makes each product of three.
    double flop = timing.variant().equals(THREE) ? 3 * timing.flop() : timing.flop();
    return ceilings.seconds(bytes, flop, math(timing.variant(), timing.dtype()));
  }

  /** Microseconds for what is moved, as it was counted, and computed; null if nothing was. */
  @Nullable Double impliedUs(Timing timing) {
    Counts counts = counted(timing);
    return counts == null ? null : 1e6 * seconds(timing, counts.cached());
  }

  /** The share of the roofline that a measured time reaches; NaN if there is none. */
  double share(Timing timing) {
    return timing.cold() == null
        ? Double.NaN
        : seconds(timing, timing.bytes()) / timing.cold().median();
  }

  /** What the emulator counted; null of a library of its own, into which it does not look. */
  static @Nullable Counts counted(Timing timing) {
    Counts counts = timing.counts();
    return counts == null || (counts.loaded() == 0 && counts.stored() == 0 && timing.bytes() > 0)
        ? null
        : counts;
  }
}
