package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.NormMath.Row;
import org.adjoint.backend.cpu.NormMath.Sums;

/**
 * Rows of F32 brought to mean 0 and variance 1, and the gradient of that; or only to mean square 1:
 * then the mean, b and mean(h) are 0. Internal to the backends.
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

  /** y = x̂ ⊙ w + b along the last axis of x [.., n]; w and, if rows are centred, b are [n]. */
  public static void forward(double eps, boolean centred, Operand[] in, Operand out) {
    int n = (int) in[0].shape().size(-1);
    Floats x = Floats.of(in[0]);
    Floats w = Floats.of(in[1]);
    Floats b = centred ? Floats.of(in[2]) : new Floats(new float[n], 0);
    Floats y = Floats.of(out);
    long rows = in[0].count() / Math.max(1, n);
    Parallel.forRange(
        rows,
        RowMath.grain(rows, n),
        (from, to) -> {
          Sums sums = new Sums();
          Row row = new Row();
          row.x = x.at() + (int) from * n;
          NORMS.moments(0, x.data(), row.x, sums, n);
          for (long i = from; i < to; i++) {
            standardise(eps, centred, row, x.data(), sums, n);
            int next = i + 1 < to ? row.x + n : row.x;
            NORMS.normalise(
                row,
                x.data(),
                w.data(),
                w.at(),
                b.data(),
                b.at(),
                y.data(),
                y.at() + (int) i * n,
                next,
                sums,
                n);
            row.x = next;
          }
        });
  }

  /**
   * Finds mean and r of a row, whose moments about 0 are given; they become those about the mean
   * where they would cancel.
   */
  private static void standardise(
      double eps, boolean centred, Row row, float[] x, Sums moments, int n) {
    double squares = moments.second / n;
    if (!centred) {
      row.mean = 0;
      row.r = (float) (1 / Math.sqrt(squares + eps));
      return;
    }
    double mean = moments.first / n;
    double variance = squares - mean * mean;
    if (!(2 * mean * mean <= squares && squares < Double.POSITIVE_INFINITY)) {
      float about = (float) mean;
      NORMS.moments(about, x, row.x, moments, n);
      double rest = moments.first / n;
      mean = about + rest;
      variance = moments.second / n - rest * rest;
    }
    row.mean = (float) mean;
    row.r = (float) (1 / Math.sqrt(Math.max(0, variance) + eps));
  }

  /** dx, dw and, if rows are centred, db of x [.., n], w [n] and dy [.., n]. */
  public static void backward(double eps, boolean centred, Operand[] in, Operand[] out) {
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
          Gradients all = new Gradients(eps, centred, x, w, dy, n);
          all.add((int) from, (int) to, dx);
          partial[(int) (from / grain)] = new float[][] {all.dw, all.db};
        });
    addUp(partial, 0, Floats.of(out[1]), n);
    if (centred) {
      addUp(partial, 1, Floats.of(out[2]), n);
    }
  }

  /** What some rows add to the gradients of w and b, and the gradients of the rows. */
  private static final class Gradients {
    final double eps;
    final boolean centred;
    final Floats x;
    final Floats w;
    final Floats dy;
    final int n;
    final float[] dw;
    final float[] db;
    private final Sums moments = new Sums();
    private final Sums slopes = new Sums();

    Gradients(double eps, boolean centred, Floats x, Floats w, Floats dy, int n) {
      this.eps = eps;
      this.centred = centred;
      this.x = x;
      this.w = w;
      this.dy = dy;
      this.n = n;
      dw = new float[n];
      db = new float[n];
    }

    /** Rows {@code from .. to − 1}; a row after the last is the last once more. */
    void add(int from, int to, Floats dx) {
      Row row = new Row();
      Row next = new Row();
      place(row, from);
      place(next, Math.min(from + 1, to - 1));
      NORMS.moments(0, x.data(), row.x, moments, n);
      standardise(eps, centred, row, x.data(), moments, n);
      NORMS.slopes(row, x.data(), dy.data(), w.data(), w.at(), slopes, n);
      project(row);
      NORMS.moments(0, x.data(), next.x, moments, n);
      standardise(eps, centred, next, x.data(), moments, n);
      for (int i = from; i < to; i++) {
        int after = Math.min(i + 2, to - 1);
        NORMS.gradient(
            row,
            next,
            x.at() + after * n,
            x.data(),
            dy.data(),
            w.data(),
            w.at(),
            dx.data(),
            dx.at() + i * n,
            dw,
            db,
            slopes,
            moments,
            n);
        project(next);
        Row done = row;
        row = next;
        next = done;
        place(next, after);
        standardise(eps, centred, next, x.data(), moments, n);
      }
    }

    private void place(Row row, int i) {
      row.x = x.at() + i * n;
      row.dy = dy.at() + i * n;
    }

    private void project(Row row) {
      row.level = centred ? (float) (slopes.first / n) : 0;
      row.slope = (float) (slopes.second / n);
    }
  }

  private static void addUp(float[][][] partial, int which, Floats to, int n) {
    Arrays.fill(to.data(), to.at(), to.at() + n, 0);
    for (float[][] sums : partial) {
      SIMD.add(to.data(), to.at(), sums[which], 0, to.data(), to.at(), n);
    }
  }
}
