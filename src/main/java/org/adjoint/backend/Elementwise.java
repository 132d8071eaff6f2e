package org.adjoint.backend;

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

  /** The quick road, or null where the reference is all there is. */
  default @Nullable Lanes lanes() {
    return null;
  }
}
