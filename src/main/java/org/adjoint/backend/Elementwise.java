package org.adjoint.backend;

import java.util.Arrays;
import java.util.List;
import org.adjoint.backend.cuda.ElementwiseVariants;
import org.adjoint.backend.cuda.Variant;
import org.jspecify.annotations.Nullable;

/**
 * A kernel with one output whose element i depends on nothing but element i of each input, all of
 * one shape. A backend may feed it in blocks of any length, so that an expanded input is never laid
 * out whole; the reference then sees one axis.
 */
public interface Elementwise extends Kernel {
  /** The quick road for F32: {@code n} elements of each input, in arrays. */
  @FunctionalInterface
  interface Lanes {
    /** Reads {@code x[i][at[i]]} and on, writes {@code y[yAt]} and on. */
    void apply(float[][] x, int[] at, float[] y, int yAt, int n);
  }

  /**
   * What the function is called in {@code src/main/cuda}: the kernel's name, and more if need be.
   */
  default String entry() {
    return name().replace('.', '_');
  }

  /** The numbers that the function depends on, at most two. */
  default double[] parameters() {
    return new double[0];
  }

  /** The variants on a GPU of a function that is in the file {@code family}. */
  default List<Variant> cuda(String family) {
    double[] p = Arrays.copyOf(parameters(), 2);
    return ElementwiseVariants.of(family, entry(), p[0], p[1]);
  }

  /** The quick road, or null where the reference is all there is. */
  default @Nullable Lanes lanes() {
    return null;
  }
}
