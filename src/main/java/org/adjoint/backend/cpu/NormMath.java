package org.adjoint.backend.cpu;

/**
 * What normalisation does to rows of floats. Internal to the backends. As in {@link Simd}, two
 * implementations give the same bits, at every vector width: each operation of a formula is rounded
 * by itself, and element i of a row is added to partial sum i mod {@value #LANES}.
 *
 * <p>A row comes from memory, and only once: a call computes with rows that are in the nearest
 * cache and takes the sums of the row that follows meanwhile, so that the processor need not wait
 * for it.
 *
 * <p>In the formulas, x̂ = (x − mean) r, h = dy ⊙ w, and sums are over a row of n elements.
 */
public interface NormMath {
  /** Partial sums of a row. */
  int LANES = 16;

  /** After this many elements, partial sums are added up in double. */
  int BLOCK = 1024;

  /** The implementation for this machine; see {@link Simd#best}. */
  static NormMath best() {
    return Chosen.NORMS;
  }

  /** For people: {@code "scalar"}, {@code "512-bit"}. */
  String name();

  /** Two sums over a row, and room for their partial sums. */
  final class Sums {
    public double first;
    public double second;
    public final float[] p = new float[LANES];
    public final float[] q = new float[LANES];

    public void clear() {
      first = 0;
      second = 0;
    }

    /** Adds up the partial sums of a block. */
    public void fold() {
      first += fold(p);
      second += fold(q);
    }

    private static float fold(float[] p) {
      float even = (p[0] + p[8] + (p[4] + p[12])) + (p[2] + p[10] + (p[6] + p[14]));
      float odd = (p[1] + p[9] + (p[5] + p[13])) + (p[3] + p[11] + (p[7] + p[15]));
      return even + odd;
    }
  }

  /** Where a row begins in x and in dy, and what is known of it. */
  final class Row {
    public int x;
    public int dy;
    public float mean;
    public float r;

    /** Σ h / n. */
    public float level;

    /** Σ h ⊙ x̂ / n. */
    public float slope;
  }

  /** Σ x − shift and Σ (x − shift)², of x[at ..]. */
  void moments(float shift, float[] x, int at, Sums sums, int n);

  /** y = fma(x̂, w, b) of a row; and the moments about 0 of x[next ..]. */
  void normalise(
      Row row,
      float[] x,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int next,
      Sums moments,
      int n);

  /** Σ h and Σ h ⊙ x̂ of a row. */
  void slopes(Row row, float[] x, float[] dy, float[] w, int wAt, Sums slopes, int n);

  /**
   * dx = r fma(−slope, x̂, h − level) of a row, and what the row adds to the gradients of w and b,
   * whose n elements begin at 0: dw = fma(dy, x̂, dw) and db += dy. Also the {@link #slopes} of row
   * {@code next}, and the moments about 0 of x[after ..].
   */
  void gradient(
      Row row,
      Row next,
      int after,
      float[] x,
      float[] dy,
      float[] w,
      int wAt,
      float[] dx,
      int dxAt,
      float[] dw,
      float[] db,
      Sums slopes,
      Sums moments,
      int n);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final NormMath NORMS = Simd.best().lanes() == 1 ? new ScalarNorms() : new VectorNorms();

    private Chosen() {}
  }
}
