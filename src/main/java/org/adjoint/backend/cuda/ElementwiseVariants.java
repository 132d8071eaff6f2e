package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.backend.Operand;

/** The two ways to run a function of elements, which {@code elementwise.cuh} describes. */
public final class ElementwiseVariants {
  private ElementwiseVariants() {}

  /**
   * The variants of {@code entry} of a family.
   *
   * @param p the first parameter of the function, and {@code q} the second; 0 where it has none
   */
  public static List<Variant> of(String family, String entry, double p, double q) {
    return List.of(vector(family, entry, p, q), strided(family, entry, p, q));
  }

  private static Variant vector(String family, String entry, double p, double q) {
    return new Variant(
        "vector",
        "F32 and BF16, in order, from multiples of 16 bytes",
        ElementwiseVariants::isPlain,
        (gpu, in, out) -> {
          long n = out[0].count();
          int pack = 16 / out[0].dtype().bytes();
          gpu.call(family, entry + "_vector", out[0].dtype())
              .int64(n)
              .pointers(in)
              .pointer(out[0])
              .float64(p)
              .float64(q)
              .each(Math.ceilDiv(n, pack));
        });
  }

  /** The variant for all views, and the only one of a function whose result has another dtype. */
  public static Variant strided(String family, String entry, double p, double q) {
    return Variant.of(
        "strided",
        (gpu, in, out) ->
            gpu.call(family, entry + "_strided", in[0].dtype())
                .walk(and(in, out[0]))
                .pointers(in)
                .pointer(out[0])
                .float64(p)
                .float64(q)
                .each(out[0].count()));
  }

  static Operand[] and(Operand[] in, Operand out) {
    Operand[] all = Arrays.copyOf(in, in.length + 1);
    all[in.length] = out;
    return all;
  }

  /** Whether all lie in order, from multiples of 16 bytes, in one dtype that has such kernels. */
  private static boolean isPlain(Operand[] in, Operand[] out) {
    DType dtype = out[0].dtype();
    if (dtype != DType.F32 && dtype != DType.BF16) {
      return false;
    }
    for (Operand operand : in) {
      if (operand.dtype() != dtype || !operand.layout().isContiguous() || !Gpu.isAligned(operand)) {
        return false;
      }
    }
    return true;
  }
}
