package org.adjoint.backend.cpu;

import static org.adjoint.backend.cpu.Simd.BLOCK;
import static org.adjoint.backend.cpu.Simd.PARTIALS;

import java.util.Arrays;

/**
 * {@link NormMath} as plain loops, which also finish the last few elements for {@link VectorNorms}.
 */
public final class ScalarNorms implements NormMath {
  @Override
  public String name() {
    return "scalar";
  }

  private interface Part {
    void add(int from, int to);
  }

  /** Sums a block after the other. */
  private static void sum(Sums sums, int n, Part part) {
    sums.first = 0;
    sums.second = 0;
    for (int from = 0; from < n; from += BLOCK) {
      Arrays.fill(sums.p, 0);
      Arrays.fill(sums.q, 0);
      part.add(from, Math.min(n, from + BLOCK));
      sums.first += Simd.fold(sums.p);
      sums.second += Simd.fold(sums.q);
    }
  }

  @Override
  public void moments(float shift, float[] x, int at, Sums sums, int n) {
    sum(sums, n, (from, to) -> addMoments(shift, x, at, sums, from, to));
  }

  /** Elements {@code from .. to − 1} of a row, where {@code from} is a multiple of 64. */
  static void addMoments(float shift, float[] x, int at, Sums sums, int from, int to) {
    for (int i = from; i < to; i++) {
      float d = x[at + i] - shift;
      sums.p[i % PARTIALS] += d;
      sums.q[i % PARTIALS] = Math.fma(d, d, sums.q[i % PARTIALS]);
    }
  }

  @Override
  public void normalise(
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
      int n) {
    sum(
        sums,
        n,
        (from, to) -> {
          addMoments(0, x, next, sums, from, to);
          normalise(mean, r, x, at, w, wAt, b, bAt, y, yAt, from, to);
        });
  }

  static void normalise(
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
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      y[yAt + i] = Math.fma((x[at + i] - mean) * r, w[wAt + i], b[bAt + i]);
    }
  }

  @Override
  public void slopes(
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
      int n) {
    Arrays.fill(slopes, 0, rows * LANES, 0);
    for (int row = 0; row < rows; row++) {
      addSlopes(row, mean, r, x, xAt, w, wAt, dy, dyAt, dw, db, slopes, 0, n);
    }
  }

  /** Elements {@code from .. n − 1} of a row. */
  static void addSlopes(
      int row,
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
      int from,
      int n) {
    for (int i = from; i < n; i++) {
      float unit = (x[xAt + row * n + i] - mean[row]) * r[row];
      float d = dy[dyAt + row * n + i];
      dw[i] = Math.fma(d, unit, dw[i]);
      db[i] += d;
      int lane = row * LANES + i % LANES;
      slopes[lane] = Math.fma(d * w[wAt + i], unit, slopes[lane]);
    }
  }

  @Override
  public void gradient(
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
      int n) {
    for (int i = 0; i < n; i++) {
      float unit = (x[xAt + i] - mean) * r;
      float h = dy[dyAt + i] * w[wAt + i];
      dx[dxAt + i] = r * Math.fma(-slope, unit, h - level);
    }
  }
}
