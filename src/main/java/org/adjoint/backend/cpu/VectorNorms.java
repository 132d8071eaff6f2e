package org.adjoint.backend.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.zero;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link NormMath} by the Vector API: {@link ScalarNorms} on many numbers at once. Where vectors
 * are narrower than a row's partial sums, a block is walked for each part of them.
 */
public final class VectorNorms implements NormMath {
  private static final VectorSpecies<Float> S =
      VectorSimd.species(System.getProperty("adjoint.simd", "best"));
  private static final int L = S.length();

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  /** The end of the part of a block that is whole in {@value #LANES} elements. */
  private static int whole(int from, int to) {
    return to - (to - from) % LANES;
  }

  @Override
  public String name() {
    return S.vectorBitSize() + "-bit";
  }

  @Override
  public void moments(float shift, float[] x, int at, Sums sums, int n) {
    sums.clear();
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int whole = whole(from, to);
      for (int lane = 0; lane < LANES; lane += L) {
        FloatVector p = zero(S);
        FloatVector q = zero(S);
        for (int i = from + lane; i < whole; i += LANES) {
          FloatVector d = load(x, at + i).sub(shift);
          p = p.add(d);
          q = d.fma(d, q);
        }
        p.intoArray(sums.p, lane);
        q.intoArray(sums.q, lane);
      }
      ScalarNorms.addMoments(shift, x, at, sums, whole, to);
      sums.fold();
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
    moments.clear();
    FloatVector mean = broadcast(S, row.mean);
    FloatVector r = broadcast(S, row.r);
    int at = row.x;
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int whole = whole(from, to);
      for (int lane = 0; lane < LANES; lane += L) {
        FloatVector p = zero(S);
        FloatVector q = zero(S);
        for (int i = from + lane; i < whole; i += LANES) {
          FloatVector d = load(x, next + i);
          p = p.add(d);
          q = d.fma(d, q);
          FloatVector unit = load(x, at + i).sub(mean).mul(r);
          unit.fma(load(w, wAt + i), load(b, bAt + i)).intoArray(y, yAt + i);
        }
        p.intoArray(moments.p, lane);
        q.intoArray(moments.q, lane);
      }
      ScalarNorms.addMoments(0, x, next, moments, whole, to);
      ScalarNorms.normalise(row, x, w, wAt, b, bAt, y, yAt, whole, to);
      moments.fold();
    }
  }

  @Override
  public void slopes(Row row, float[] x, float[] dy, float[] w, int wAt, Sums slopes, int n) {
    slopes.clear();
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int whole = whole(from, to);
      for (int lane = 0; lane < LANES; lane += L) {
        FloatVector p = zero(S);
        FloatVector q = zero(S);
        for (int i = from + lane; i < whole; i += LANES) {
          FloatVector h = load(dy, row.dy + i).mul(load(w, wAt + i));
          p = p.add(h);
          q = h.fma(load(x, row.x + i).sub(row.mean).mul(row.r), q);
        }
        p.intoArray(slopes.p, lane);
        q.intoArray(slopes.q, lane);
      }
      ScalarNorms.addSlopes(row, x, dy, w, wAt, slopes, whole, to);
      slopes.fold();
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
    slopes.clear();
    moments.clear();
    FloatVector mean = broadcast(S, row.mean);
    FloatVector r = broadcast(S, row.r);
    FloatVector level = broadcast(S, row.level);
    FloatVector down = broadcast(S, -row.slope);
    FloatVector nextMean = broadcast(S, next.mean);
    FloatVector nextR = broadcast(S, next.r);
    int xAt = row.x;
    int dyAt = row.dy;
    int nextX = next.x;
    int nextDy = next.dy;
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int whole = whole(from, to);
      for (int lane = 0; lane < LANES; lane += L) {
        FloatVector p = zero(S);
        FloatVector q = zero(S);
        FloatVector u = zero(S);
        FloatVector v = zero(S);
        for (int i = from + lane; i < whole; i += LANES) {
          FloatVector a = load(x, after + i);
          u = u.add(a);
          v = a.fma(a, v);
          FloatVector wi = load(w, wAt + i);
          FloatVector h = load(dy, nextDy + i).mul(wi);
          p = p.add(h);
          q = h.fma(load(x, nextX + i).sub(nextMean).mul(nextR), q);
          FloatVector unit = load(x, xAt + i).sub(mean).mul(r);
          FloatVector d = load(dy, dyAt + i);
          d.fma(unit, load(dw, i)).intoArray(dw, i);
          load(db, i).add(d).intoArray(db, i);
          down.fma(unit, d.mul(wi).sub(level)).mul(r).intoArray(dx, dxAt + i);
        }
        p.intoArray(slopes.p, lane);
        q.intoArray(slopes.q, lane);
        u.intoArray(moments.p, lane);
        v.intoArray(moments.q, lane);
      }
      ScalarNorms.addMoments(0, x, after, moments, whole, to);
      ScalarNorms.addSlopes(next, x, dy, w, wAt, slopes, whole, to);
      ScalarNorms.gradient(row, x, dy, w, wAt, dx, dxAt, dw, db, whole, to);
      slopes.fold();
      moments.fold();
    }
  }
}
