package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.backend.Operand;

/** The ways to drop elements, which {@code random.cu} describes. */
public final class RandomVariants {
  private RandomVariants() {}

  /** y = x / (1 − p), but 0 where the uniform number of (seed, offset + i) is below p. */
  public static List<Variant> dropout(double p, Live seed, long offset) {
    return List.of(
        new Variant(
            "vector",
            "in order, from a multiple of 16 bytes",
            (in, out) -> in[0].layout().isContiguous() && Gpu.isAligned(in[0]),
            (gpu, in, out) -> {
              int pack = 16 / out[0].dtype().bytes();
              long threads = Math.ceilDiv(out[0].count(), pack);
              drop(gpu, "dropout_vector", in[0], out[0], p, seed, offset).each(threads);
            }),
        Variant.of(
            "naive",
            (gpu, in, out) -> {
              Operand x = gpu.contiguous(in[0]);
              drop(gpu, "dropout_naive", x, out[0], p, seed, offset).each(x.count());
            }));
  }

  private static Gpu.Call drop(
      Gpu gpu, String entry, Operand x, Operand y, double p, Live seed, long offset) {
    return gpu.call("random", entry, y.dtype())
        .int64(y.count())
        .pointers(x, y)
        .live(seed)
        .int64(offset)
        // k · 2⁻²⁴ < p just if k is below this
        .int32((int) Math.ceil(p * 0x1p24))
        .float64(1 - p);
  }
}
