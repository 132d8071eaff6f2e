package org.adjoint.backend.cpu;

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

  /** Goes over a row a block after the other. */
  private static void blocks(int n, Part part, Sums... sums) {
    for (Sums s : sums) {
      s.clear();
    }
    for (int from = 0; from < n; from += BLOCK) {
      for (Sums s : sums) {
        Arrays.fill(s.p, 0);
        Arrays.fill(s.q, 0);
      }
      part.add(from, Math.min(n, from + BLOCK));
      for (Sums s : sums) {
        s.fold();
      }
    }
  }

  @Override
  public void moments(float shift, float[] x, int at, Sums sums, int n) {
    blocks(n, (from, to) -> addMoments(shift, x, at, sums, from, to), sums);
  }

  /** Of elements {@code from .. to − 1} of a row. */
  static void addMoments(float shift, float[] x, int at, Sums sums, int from, int to) {
    for (int i = from; i < to; i++) {
      float d = x[at + i] - shift;
      sums.p[i % LANES] += d;
      sums.q[i % LANES] = Math.fma(d, d, sums.q[i % LANES]);
    }
  }

  @Override
  public void normalise(
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
      int n) {
    blocks(
        n,
        (from, to) -> {
          addMoments(0, x, next, moments, from, to);
          normalise(row, x, w, wAt, b, bAt, y, yAt, from, to);
        },
        moments);
  }

  static void normalise(
      Row row,
      float[] x,
      float[] w,
      int wAt,
      float[] b,
      int bAt,
      float[] y,
      int yAt,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      y[yAt + i] = Math.fma((x[row.x + i] - row.mean) * row.r, w[wAt + i], b[bAt + i]);
    }
  }

  @Override
  public void slopes(Row row, float[] x, float[] dy, float[] w, int wAt, Sums slopes, int n) {
    blocks(n, (from, to) -> addSlopes(row, x, dy, w, wAt, slopes, from, to), slopes);
  }

  static void addSlopes(
      Row row, float[] x, float[] dy, float[] w, int wAt, Sums slopes, int from, int to) {
    for (int i = from; i < to; i++) {
      float unit = (x[row.x + i] - row.mean) * row.r;
      float h = dy[row.dy + i] * w[wAt + i];
      slopes.p[i % LANES] += h;
      slopes.q[i % LANES] = Math.fma(h, unit, slopes.q[i % LANES]);
    }
  }

  @Override
  public void gradient(
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
      int n) {
    blocks(
        n,
        (from, to) -> {
          addMoments(0, x, after, moments, from, to);
          addSlopes(next, x, dy, w, wAt, slopes, from, to);
          gradient(row, x, dy, w, wAt, dx, dxAt, dw, db, from, to);
        },
        slopes,
        moments);
  }

  static void gradient(
      Row row,
      float[] x,
      float[] dy,
      float[] w,
      int wAt,
      float[] dx,
      int dxAt,
      float[] dw,
      float[] db,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      float unit = (x[row.x + i] - row.mean) * row.r;
      float d = dy[row.dy + i];
      dw[i] = Math.fma(d, unit, dw[i]);
      db[i] += d;
      dx[dxAt + i] = row.r * Math.fma(-row.slope, unit, d * w[wAt + i] - row.level);
    }
  }
}
