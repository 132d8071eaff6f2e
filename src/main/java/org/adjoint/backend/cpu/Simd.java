package org.adjoint.backend.cpu;

/**
 * Loops over ranges of {@code float[]}, several elements at a time. Internal to the backends.
 *
 * <p>The Vector API is an incubator module: a program that was not started with {@code
 * --add-modules jdk.incubator.vector} does not have it. So it hides behind this plain interface,
 * with {@link ScalarSimd} to stand in. Both give the same bits, at every vector width:
 *
 * <ul>
 *   <li>elementwise operations round each element once, as IEEE 754 says;
 *   <li>sums run over {@value #PARTIALS} partial sums, a number that every width divides, and these
 *       are folded by one fixed tree;
 *   <li>an element of a matrix product adds its terms in order.
 * </ul>
 *
 * A range is an array and the index of its first element; {@code n} is its length. An output may be
 * the same range as an input, but must not overlap it otherwise.
 */
public interface Simd {
  /** Partial sums of {@link #sum} and {@link #dot}: element i of a block goes to sum i mod 64. */
  int PARTIALS = 64;

  /** Elements summed in float before the block's total goes to a double. */
  int BLOCK = 4096;

  /**
   * The implementation for this machine. The system property {@code adjoint.simd} asks for {@code
   * scalar} or a width in bits, {@code 128}, {@code 256} or {@code 512}.
   */
  static Simd best() {
    return Chosen.SIMD;
  }

  /** For people: {@code "scalar"}, {@code "512-bit"}. */
  String name();

  /** Elements handled at a time. */
  int lanes();

  /** out = a + b. */
  void add(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n);

  /** out = a − b. */
  void sub(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n);

  /** out = a · b. */
  void mul(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n);

  /** out = a / b. */
  void div(float[] a, int aAt, float[] b, int bAt, float[] out, int outAt, int n);

  /** y = fma(s, x, y): s · x + y, rounded once. */
  void axpy(float s, float[] x, int xAt, float[] y, int yAt, int n);

  /** out = s · x. */
  void scale(float s, float[] x, int xAt, float[] out, int outAt, int n);

  /** out = x + s. */
  void addScalar(float s, float[] x, int xAt, float[] out, int outAt, int n);

  /** out = x ≤ 0 ? +0 : x. So NaN stays NaN, and −0 becomes +0. */
  void relu(float[] x, int xAt, float[] out, int outAt, int n);

  /** dx = y &gt; 0 ? dy : 0, where y = relu(x); x itself serves as well. */
  void reluGrad(float[] y, int yAt, float[] dy, int dyAt, float[] dx, int dxAt, int n);

  /**
   * Σ x. A block of {@value #BLOCK} elements is summed in float, at most 64 additions deep and a
   * fold of 6; the blocks' totals are added in double. So the error stays below 70 ulp of Σ |x|,
   * whatever n.
   */
  double sum(float[] x, int xAt, int n);

  /** Σ a · b, summed as in {@link #sum}, with each product and addition rounded once (fma). */
  double dot(float[] a, int aAt, float[] b, int bAt, int n);

  /**
   * The maxima over windows side by side: best[i] = max over t of x[xAt + i + offsets[t]], and
   * tap[i] the first t that has it.
   *
   * @return whether it was done; false if an element is NaN, or perhaps if one is infinite, and
   *     then best and tap hold anything
   */
  boolean maxOverTaps(float[] x, int xAt, int[] offsets, float[] best, float[] tap, int n);

  /**
   * For each i &lt; n, pieces of x, one after the other: piece p begins at x[cells[cellsAt + i] +
   * pieces[p]] and fills out[outAt + i · width + c] for columns[p] ≤ c &lt; columns[p + 1].
   */
  void copyPieces(
      float[] x,
      int[] cells,
      int cellsAt,
      int[] pieces,
      int[] columns,
      float[] out,
      int outAt,
      int width,
      int n);

  /** Rows of the block of a matrix product that {@link #tile} computes. */
  int tileRows();

  /** Columns of that block. */
  int tileColumns();

  /**
   * The heart of {@link Gemm}: c = a · b, or c += a · b if {@code add}, for a block c of {@link
   * #tileRows} × {@link #tileColumns}. Each element is an fma chain from 0 over k = 0 .. depth − 1,
   * which is then stored or added to c.
   *
   * @param a [depth, tileRows], contiguous: a column of the left operand after the other
   * @param b [depth, tileColumns], contiguous: a row of the right operand after the other
   * @param c rows of contiguous columns, {@code cStride} apart
   */
  void tile(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add);

  /**
   * {@link #tile} where the rows of b lie anywhere: of row k, the left half of {@link #tileColumns}
   * begins at {@code b[left + rows[rowsAt + k]]}, the other at {@code b[right + rows[rowsAt + k]]}.
   * The halves of c begin at {@code cLeft} and {@code cRight}.
   */
  void gatherTile(
      int depth,
      float[] a,
      int aAt,
      float[] b,
      int[] rows,
      int rowsAt,
      int left,
      int right,
      float[] c,
      int cLeft,
      int cRight,
      int cStride,
      boolean add);

  /**
   * {@link #tile} where the elements of a lie anywhere: that of row i and column k of the left
   * operand is {@code a[rows[rowsAt + i] + columns[columnsAt + k]]}.
   */
  void crossTile(
      int depth,
      float[] a,
      int[] rows,
      int rowsAt,
      int[] columns,
      int columnsAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      int cStride,
      boolean add);

  /** Folds 64 partial sums to one: 32 + 32, 16 + 16, ... Overwrites {@code p}. */
  static float fold(float[] p) {
    for (int half = PARTIALS / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        p[i] += p[i + half];
      }
    }
    return p[0];
  }

  /** Holds the choice, which is made when it is first asked for. */
  final class Chosen {
    static final Simd SIMD = choose(System.getProperty("adjoint.simd", "best"));

    private Chosen() {}

    private static Simd choose(String wanted) {
      boolean found = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
      return switch (wanted) {
        case "scalar" -> new ScalarSimd();
        case "best" -> found ? new VectorSimd() : new ScalarSimd();
        case "128", "256", "512" -> {
          if (!found) {
            throw new IllegalStateException(
                "adjoint.simd=" + wanted + " needs --add-modules jdk.incubator.vector");
          }
          yield new VectorSimd();
        }
        default ->
            throw new IllegalArgumentException(
                "adjoint.simd=" + wanted + ": scalar, 128, 256 or 512?");
      };
    }
  }
}
