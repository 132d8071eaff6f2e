package org.adjoint.backend.cpu;

/**
 * What softmax does to a row of floats, each in one pass. Internal to the backends. As in {@link
 * Simd}, two implementations give the same bits, at every vector width: each operation of a formula
 * is rounded by itself, and sums are those of {@link Simd#sum}.
 */
public interface RowMath {
  /** The implementation for this machine; see {@link Simd#best}. */
  static RowMath best() {
    return Chosen.ROWS;
  }

  /**
   * Rows of n elements that a thread takes at a time: as many as are worth its while, and a
   * sixteenth of all, since memory is quickest read in long runs. It depends on the shape alone.
   */
  static long grain(long rows, int n) {
    return Math.max(Math.max(1, (1 << 14) / Math.max(1, n)), Math.ceilDiv(rows, 16));
  }

  /** For people: {@code "scalar"}, {@code "512-bit"}. */
  String name();

  /** The largest of the numbers in x; −∞ if there is none. NaN does not count. */
  float max(float[] x, int xAt, int n);

  /**
   * y = e^(x − max), where no x may be above {@code max}: the bits of {@link SimdMath#exp}.
   *
   * @return Σ y
   */
  double exp(float max, float[] x, int xAt, float[] y, int yAt, int n);

  /** y = (x − a) − b. */
  void subTwice(float a, float b, float[] x, int xAt, float[] y, int yAt, int n);

  /** dx = y ⊙ (dy − dot). */
  void softmaxGrad(
      float dot, float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int n);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final RowMath ROWS = Simd.best().lanes() == 1 ? new ScalarRows() : new VectorRows();

    private Chosen() {}
  }
}
