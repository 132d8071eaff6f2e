package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.NormMath.Sums;

/**
 * Rows of F32 brought to mean 0 and variance 1, and the gradient of that. Internal to the backends.
 *
 * <pre>
 *   x̂ = (x − mean) r,  r = 1 / √(variance + eps)      y = x̂ ⊙ w + b
 *   dx = r (h − mean(h) − x̂ mean(h ⊙ x̂)),  h = dy ⊙ w     dw = Σ dy ⊙ x̂     db = Σ dy
 * </pre>
 *
 * The mean and the variance are taken in one pass, about 0: Σ x and Σ x². Where that would cancel,
 * because the mean is larger than the deviation, a second pass takes them about the mean.
 */
public final class NormKernels {
  private static final Simd SIMD = Simd.best();
  private static final NormMath NORMS = NormMath.best();

  private NormKernels() {}

  /** y = x̂ ⊙ w + b along the last axis of x [.., n]; w and b are [n]. */
  public static void forward(double eps, Operand[] in, Operand out) {
    Floats x = Floats.of(in[0]);
    Floats w = Floats.of(in[1]);
    Floats b = Floats.of(in[2]);
    Floats y = Floats.of(out);
    int n = (int) in[0].shape().size(-1);
    long rows = in[0].count() / Math.max(1, n);
    Parallel.forRange(
        rows,
        RowMath.grain(rows, n),
        (from, to) -> {
          Sums sums = new Sums();
          int at = x.at() + (int) from * n;
          NORMS.moments(0, x.data(), at, sums, n);
          for (long row = from; row < to; row++) {
            float mean = mean(sums, x.data(), at, n);
            float r = scale(eps, sums, n);
            int next = row + 1 < to ? at + n : at;
            NORMS.normalise(
                mean,
                r,
                x.data(),
                at,
                w.data(),
                w.at(),
                b.data(),
                b.at(),
                y.data(),
                y.at() + (int) row * n,
                next,
                sums,
                n);
            at = next;
          }
        });
  }

  /**
   * The mean of the row at {@code at}, whose sums about 0 are given; they become those about the
   * mean where they would cancel.
   */
  private static float mean(Sums sums, float[] x, int at, int n) {
    double mean = sums.first / n;
    double squares = sums.second / n;
    if (2 * mean * mean <= squares && squares < Double.POSITIVE_INFINITY) {
      return (float) mean;
    }
    NORMS.moments((float) mean, x, at, sums, n);
    return (float) ((float) mean + sums.first / n);
  }

  /** r, by the sums about 0 or about the mean. */
  private static float scale(double eps, Sums sums, int n) {
    double shift = sums.first / n;
    return (float) (1 / Math.sqrt(Math.max(0, sums.second / n - shift * shift) + eps));
  }

  /** dx, dw and db of x [.., n], w [n] and dy [.., n]. */
  public static void backward(double eps, Operand[] in, Operand[] out) {
    Floats x = Floats.of(in[0]);
    Floats w = Floats.of(in[1]);
    Floats dy = Floats.of(in[2]);
    Floats dx = Floats.of(out[0]);
    int n = (int) in[0].shape().size(-1);
    long rows = in[0].count() / Math.max(1, n);
    long grain = RowMath.grain(rows, n);
    float[][][] partial = new float[(int) Math.ceilDiv(rows, grain)][][];
    Parallel.forRange(
        rows,
        grain,
        (from, to) -> {
          Gradients all = new Gradients(eps, x, w, dy, dx, n);
          for (int row = (int) from; row < to; row += Gradients.BLOCK) {
            all.add(row, (int) Math.min(Gradients.BLOCK, to - row));
          }
          partial[(int) (from / grain)] = new float[][] {all.dw, all.db};
        });
    addUp(partial, 0, Floats.of(out[1]), n);
    addUp(partial, 1, Floats.of(out[2]), n);
  }

  /** The gradients of some rows. */
  private static final class Gradients {
    /** Rows that are worked on together: few enough to stay in a near cache. */
    static final int BLOCK = 16;

    final double eps;
    final Floats x;
    final Floats w;
    final Floats dy;
    final Floats dx;
    final int n;
    final float[] dw;
    final float[] db;
    private final Sums sums = new Sums();
    private final float[] mean = new float[BLOCK];
    private final float[] r = new float[BLOCK];
    private final float[] level = new float[BLOCK];
    private final float[] slopes = new float[BLOCK * NormMath.LANES];

    Gradients(double eps, Floats x, Floats w, Floats dy, Floats dx, int n) {
      this.eps = eps;
      this.x = x;
      this.w = w;
      this.dy = dy;
      this.dx = dx;
      this.n = n;
      dw = new float[n];
      db = new float[n];
    }

    void add(int first, int rows) {
      int xAt = x.at() + first * n;
      int dyAt = dy.at() + first * n;
      int dxAt = dx.at() + first * n;
      for (int i = 0; i < rows; i++) {
        NORMS.moments(0, x.data(), xAt + i * n, sums, n);
        mean[i] = mean(sums, x.data(), xAt + i * n, n);
        r[i] = scale(eps, sums, n);
        level[i] = (float) (SIMD.dot(dy.data(), dyAt + i * n, w.data(), w.at(), n) / n);
      }
      NORMS.slopes(
          rows, mean, r, x.data(), xAt, w.data(), w.at(), dy.data(), dyAt, dw, db, slopes, n);
      for (int i = 0; i < rows; i++) {
        double slope = 0;
        for (int lane = 0; lane < NormMath.LANES; lane++) {
          slope += slopes[i * NormMath.LANES + lane];
        }
        NORMS.gradient(
            mean[i],
            r[i],
            level[i],
            (float) (slope / n),
            x.data(),
            xAt + i * n,
            w.data(),
            w.at(),
            dy.data(),
            dyAt + i * n,
            dx.data(),
            dxAt + i * n,
            n);
      }
    }
  }

  private static void addUp(float[][][] partial, int which, Floats to, int n) {
    Arrays.fill(to.data(), to.at(), to.at() + n, 0);
    for (float[][] sums : partial) {
      SIMD.add(to.data(), to.at(), sums[which], 0, to.data(), to.at(), n);
    }
  }
}
