package org.adjoint.backend.cpu;

/**
 * Lays out matrices for {@link Simd#tile}. Internal to the backends. As in {@link Simd}, there are
 * two implementations; they move numbers and compute none.
 */
interface Packing {
  /** The implementation for this machine; see {@link Simd#best}. */
  static Packing best() {
    return Chosen.PACKING;
  }

  /**
   * Packs {@code count} lines (rows of A, or columns of B), each {@code depth} long, into panels of
   * {@code width} lines: {@code out[panel][k][line]} from {@code outAt} on. The last panel is
   * filled up with zeros.
   *
   * @param lineStride from a line to the next
   * @param stride from an element of a line to the next
   */
  void pack(
      float[] x,
      int at,
      int count,
      int lineStride,
      int depth,
      int stride,
      int width,
      float[] out,
      int outAt);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final Packing PACKING = choose();

    private Chosen() {}

    private static Packing choose() {
      return Simd.best().lanes() < VectorPacking.LINES ? new ScalarPacking() : new VectorPacking();
    }
  }
}
