package org.adjoint.backend.cpu;

/**
 * What normalisation does to rows of floats. Internal to the backends. As in {@link Simd}, two
 * implementations give the same bits, at every vector width: each operation of a formula is rounded
 * by itself, and sums are those of {@link Simd#sum}.
 *
 * <p>In the formulas, x̂ = (x − mean) r, h = dy ⊙ w, and sums are over a row of n elements.
 */
public interface NormMath {
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
    public final float[] p = new float[Simd.PARTIALS];
    public final float[] q = new float[Simd.PARTIALS];
  }

  /** Σ x − shift and Σ (x − shift)², of x[at ..]. */
  void moments(float shift, float[] x, int at, Sums sums, int n);

  /**
   * y = fma(x̂, w, b), of x[at ..]; and the {@link #moments} of x[next ..], without a shift: so the
   * processor computes with a row from its nearest cache while it waits for the next from memory.
   */
  void normalise(
      float mean,
      float r,
      float[] x,
      int at,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int next,
      Sums sums,
      int n);

  /** Partial sums of {@link #slopes}. */
  int LANES = 16;

  /**
   * What {@code rows} rows of x and dy, from {@code xAt} and {@code dyAt} on, add to the gradients
   * of w and b, row after row: dw = fma(dy, x̂, dw) and db += dy, whose n elements begin at 0. And
   * of each row r, Σ h ⊙ x̂ in partial sums: element i goes to slopes[{@value #LANES} r + i mod
   * {@value #LANES}]. All rows pass by a strip of columns before the next strip, so that dw and db
   * stay in registers meanwhile.
   *
   * @param mean of each row; so is {@code r}
   * @param slopes is overwritten
   */
  void slopes(
      int rows,
      float[] mean,
      float[] r,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] dy,
      int dyAt,
      float[] dw,
      float[] db,
      float[] slopes,
      int n);

  /** dx = r fma(−slope, x̂, h − level), of one row. */
  void gradient(
      float mean,
      float r,
      float level,
      float slope,
      float[] x,
      int xAt,
      float[] w,
      int wAt,
      float[] dy,
      int dyAt,
      float[] dx,
      int dxAt,
      int n);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final NormMath NORMS = Simd.best().lanes() == 1 ? new ScalarNorms() : new VectorNorms();

    private Chosen() {}
  }
}
