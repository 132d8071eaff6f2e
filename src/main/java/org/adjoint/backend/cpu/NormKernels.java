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
  /** Elements that are worth a thread's while. */
  private static final int GRAIN = 1 << 14;

  /** Most partial sums of dw and db; how many there are depends on the shape alone. */
  private static final int CHUNKS = 64;

  private static final Simd SIMD = Simd.best();
  private static final SimdMath MATH = SimdMath.best();

  private NormKernels() {}

  /** y = x̂ ⊙ w + b along the last axis of x [.., n]; w and b are [n]. */
  public static void forward(double eps, Operand[] in, Operand out) {
    Floats x = Floats.of(in[0]);
    Floats w = Floats.of(in[1]);
    Floats b = Floats.of(in[2]);
    Floats y = Floats.of(out);
    int n = (int) in[0].shape().size(-1);
    Parallel.forRange(
        in[0].count() / Math.max(1, n),
        Math.max(1, GRAIN / Math.max(1, n)),
        (from, to) -> {
          for (long r = from; r < to; r++) {
            int at = y.at() + (int) r * n;
            float scale = centre(eps, x.data(), x.at() + (int) r * n, y.data(), at, n);
            MATH.affine(scale, y.data(), at, w.data(), w.at(), b.data(), b.at(), y.data(), at, n);
          }
        });
  }

  /** Writes x − mean and returns r. */
  private static float centre(double eps, float[] x, int xAt, float[] to, int at, int n) {
    double mean = SIMD.sum(x, xAt, n) / n;
    float shift = (float) mean;
    SIMD.addScalar(-shift, x, xAt, to, at, n);
    double squares = SIMD.dot(to, at, to, at, n) / n;
    // What the mean lost when it was rounded shifts all elements alike.
    double variance = Math.max(0, squares - (mean - shift) * (mean - shift));
    return (float) (1 / Math.sqrt(variance + eps));
  }

  /** dx, dw and db of x [.., n], w [n] and dy [.., n]. */
  public static void backward(double eps, Operand[] in, Operand[] out) {
    Floats x = Floats.of(in[0]);
    Floats w = Floats.of(in[1]);
    Floats dy = Floats.of(in[2]);
    Floats dx = Floats.of(out[0]);
    int n = (int) in[0].shape().size(-1);
    long rows = in[0].count() / Math.max(1, n);
    long grain = Math.max(Math.max(1, GRAIN / Math.max(1, n)), Math.ceilDiv(rows, CHUNKS));
    float[][] partial = new float[(int) Math.ceilDiv(rows, grain)][];
    Parallel.forRange(
        rows,
        grain,
        (from, to) -> {
          float[] sums = new float[2 * n];
          float[] unit = new float[n];
          float[] h = new float[n];
          for (long row = from; row < to; row++) {
            int at = (int) row * n;
            float r = centre(eps, x.data(), x.at() + at, unit, 0, n);
            SIMD.scale(r, unit, 0, unit, 0, n);
            MATH.affine(1, dy.data(), dy.at() + at, unit, 0, sums, 0, sums, 0, n);
            SIMD.add(sums, n, dy.data(), dy.at() + at, sums, n, n);
            SIMD.mul(dy.data(), dy.at() + at, w.data(), w.at(), h, 0, n);
            float mean = (float) (SIMD.sum(h, 0, n) / n);
            float slope = (float) (SIMD.dot(h, 0, unit, 0, n) / n);
            SIMD.addScalar(-mean, h, 0, h, 0, n);
            SIMD.axpy(-slope, unit, 0, h, 0, n);
            SIMD.scale(r, h, 0, dx.data(), dx.at() + at, n);
          }
          partial[(int) (from / grain)] = sums;
        });
    addUp(partial, 0, Floats.of(out[1]), n);
    addUp(partial, n, Floats.of(out[2]), n);
  }

  private static void addUp(float[][] partial, int from, Floats to, int n) {
    Arrays.fill(to.data(), to.at(), to.at() + n, 0);
    for (float[] sums : partial) {
      SIMD.add(to.data(), to.at(), sums, from, to.data(), to.at(), n);
    }
  }
}
