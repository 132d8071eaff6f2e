package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.backend.Operand;

/** The two ways to run a step of an optimiser, which {@code optim.cu} describes. */
public final class OptimVariants {
  private OptimVariants() {}

  /**
   * The variants of {@code entry}: of a parameter, what is remembered of it, and the gradient, to
   * the first ones anew.
   *
   * @param numbers the step's own, as the kernel's struct has them
   */
  public static List<Variant> of(String entry, double... numbers) {
    return List.of(
        new Variant(
            "vector",
            (in, out) -> areAligned(in) && areAligned(out),
            (gpu, in, out) -> {
              int pack = 16 / out[0].dtype().bytes();
              long n = Math.ceilDiv(out[0].count(), pack);
              begin(gpu, entry + "_vector", numbers, in, out).each(n);
            }),
        Variant.of(
            "naive",
            (gpu, in, out) -> begin(gpu, entry + "_naive", numbers, in, out).each(out[0].count())));
  }

  private static Gpu.Call begin(
      Gpu gpu, String entry, double[] numbers, Operand[] in, Operand[] out) {
    Operand gradient = gpu.contiguous(in[in.length - 1]);
    Gpu.Call call = gpu.call("optim", entry, out[0].dtype()).int64(out[0].count()).doubles(numbers);
    for (int i = 0; i < in.length - 1; i++) {
      call.pointer(in[i]);
    }
    return call.pointer(gradient).pointers(out);
  }

  /** Whether each begins at a multiple of 16 bytes, or will do so as a copy. */
  private static boolean areAligned(Operand... operands) {
    for (Operand operand : operands) {
      if (operand.layout().isContiguous() && !Gpu.isAligned(operand)) {
        return false;
      }
    }
    return true;
  }
}
