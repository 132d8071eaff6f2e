package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.Operand;

/**
 * Rows of F32 brought to mean 0 and variance 1, and the gradient of that. Internal to the backends.
 *
 * <pre>
 *   x̂ = (x − mean) r,  r = 1 / √(variance + eps)      y = x̂ ⊙ w + b
 *   dx = r (h − mean(h) − x̂ mean(h ⊙ x̂)),  h = dy ⊙ w     dw = Σ dy ⊙ x̂     db = Σ dy
 * </pre>
 *
 * A row is read several times, the first from memory and then from the nearest cache.
 */
public final class NormKernels {
  private static final Simd SIMD = Simd.best();
  private static final RowMath ROWS = RowMath.best();

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
          for (long row = from; row < to; row++) {
            int at = (int) row * n;
            double mean = SIMD.sum(x.data(), x.at() + at, n) / n;
            float r = scale(eps, mean, x.data(), x.at() + at, n);
            ROWS.normalise(
                (float) mean,
                r,
                x.data(),
                x.at() + at,
                w.data(),
                w.at(),
                b.data(),
                b.at(),
                y.data(),
                y.at() + at,
                n);
          }
        });
  }

  /** r. */
  private static float scale(double eps, double mean, float[] x, int xAt, int n) {
    double squares = ROWS.squares((float) mean, x, xAt, n) / n;
    // What the mean lost when it was rounded shifts all elements alike.
    double lost = mean - (float) mean;
    return (float) (1 / Math.sqrt(Math.max(0, squares - lost * lost) + eps));
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
          float[][] sums = new float[2][n];
          double[] h = new double[2];
          for (long row = from; row < to; row++) {
            int at = (int) row * n;
            int xAt = x.at() + at;
            int dyAt = dy.at() + at;
            double exact = SIMD.sum(x.data(), xAt, n) / n;
            float mean = (float) exact;
            float r = scale(eps, exact, x.data(), xAt, n);
            ROWS.normSums(
                mean, r, x.data(), xAt, w.data(), w.at(), dy.data(), dyAt, sums[0], sums[1], h, n);
            ROWS.normGrad(
                mean,
                r,
                (float) (h[0] / n),
                (float) (h[1] / n),
                x.data(),
                xAt,
                w.data(),
                w.at(),
                dy.data(),
                dyAt,
                dx.data(),
                dx.at() + at,
                n);
          }
          partial[(int) (from / grain)] = sums;
        });
    addUp(partial, 0, Floats.of(out[1]), n);
    addUp(partial, 1, Floats.of(out[2]), n);
  }

  private static void addUp(float[][][] partial, int which, Floats to, int n) {
    Arrays.fill(to.data(), to.at(), to.at() + n, 0);
    for (float[][] sums : partial) {
      SIMD.add(to.data(), to.at(), sums[which], 0, to.data(), to.at(), n);
    }
  }
}
