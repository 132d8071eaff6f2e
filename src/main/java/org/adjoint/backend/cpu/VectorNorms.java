package org.adjoint.backend.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static org.adjoint.backend.cpu.Simd.BLOCK;
import static org.adjoint.backend.cpu.Simd.PARTIALS;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link NormMath} by the Vector API: {@link ScalarNorms} on many numbers at once. The partial sums
 * are columns of a block that is 64 wide, as in {@link VectorSimd#sum}.
 */
public final class VectorNorms implements NormMath {
  private static final VectorSpecies<Float> S =
      VectorSimd.species(System.getProperty("adjoint.simd", "best"));
  private static final int L = S.length();
  private static final ScalarNorms REST = new ScalarNorms();

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(S, x, at);
  }

  @Override
  public String name() {
    return S.vectorBitSize() + "-bit";
  }

  @Override
  public void moments(float shift, float[] x, int at, Sums sums, int n) {
    sums.first = 0;
    sums.second = 0;
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int whole = to - (to - from) % PARTIALS;
      for (int column = 0; column < PARTIALS; column += 4 * L) {
        FloatVector p0 = FloatVector.zero(S);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        for (int i = from + column; i < whole; i += PARTIALS) {
          FloatVector d0 = load(x, at + i).sub(shift);
          FloatVector d1 = load(x, at + i + L).sub(shift);
          FloatVector d2 = load(x, at + i + 2 * L).sub(shift);
          FloatVector d3 = load(x, at + i + 3 * L).sub(shift);
          p0 = p0.add(d0);
          p1 = p1.add(d1);
          p2 = p2.add(d2);
          p3 = p3.add(d3);
          q0 = d0.fma(d0, q0);
          q1 = d1.fma(d1, q1);
          q2 = d2.fma(d2, q2);
          q3 = d3.fma(d3, q3);
        }
        p0.intoArray(sums.p, column);
        p1.intoArray(sums.p, column + L);
        p2.intoArray(sums.p, column + 2 * L);
        p3.intoArray(sums.p, column + 3 * L);
        q0.intoArray(sums.q, column);
        q1.intoArray(sums.q, column + L);
        q2.intoArray(sums.q, column + 2 * L);
        q3.intoArray(sums.q, column + 3 * L);
      }
      ScalarNorms.addMoments(shift, x, at, sums, whole, to);
      sums.first += VectorSimd.fold(sums.p);
      sums.second += VectorSimd.fold(sums.q);
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
    sums.first = 0;
    sums.second = 0;
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      int whole = to - (to - from) % PARTIALS;
      for (int column = 0; column < PARTIALS; column += 4 * L) {
        FloatVector p0 = FloatVector.zero(S);
        FloatVector p1 = p0;
        FloatVector p2 = p0;
        FloatVector p3 = p0;
        FloatVector q0 = p0;
        FloatVector q1 = p0;
        FloatVector q2 = p0;
        FloatVector q3 = p0;
        for (int i = from + column; i < whole; i += PARTIALS) {
          FloatVector d0 = load(x, next + i);
          FloatVector d1 = load(x, next + i + L);
          FloatVector d2 = load(x, next + i + 2 * L);
          FloatVector d3 = load(x, next + i + 3 * L);
          p0 = p0.add(d0);
          p1 = p1.add(d1);
          p2 = p2.add(d2);
          p3 = p3.add(d3);
          q0 = d0.fma(d0, q0);
          q1 = d1.fma(d1, q1);
          q2 = d2.fma(d2, q2);
          q3 = d3.fma(d3, q3);
          load(x, at + i)
              .sub(mean)
              .mul(r)
              .fma(load(w, wAt + i), load(b, bAt + i))
              .intoArray(y, yAt + i);
          load(x, at + i + L)
              .sub(mean)
              .mul(r)
              .fma(load(w, wAt + i + L), load(b, bAt + i + L))
              .intoArray(y, yAt + i + L);
          load(x, at + i + 2 * L)
              .sub(mean)
              .mul(r)
              .fma(load(w, wAt + i + 2 * L), load(b, bAt + i + 2 * L))
              .intoArray(y, yAt + i + 2 * L);
          load(x, at + i + 3 * L)
              .sub(mean)
              .mul(r)
              .fma(load(w, wAt + i + 3 * L), load(b, bAt + i + 3 * L))
              .intoArray(y, yAt + i + 3 * L);
        }
        p0.intoArray(sums.p, column);
        p1.intoArray(sums.p, column + L);
        p2.intoArray(sums.p, column + 2 * L);
        p3.intoArray(sums.p, column + 3 * L);
        q0.intoArray(sums.q, column);
        q1.intoArray(sums.q, column + L);
        q2.intoArray(sums.q, column + 2 * L);
        q3.intoArray(sums.q, column + 3 * L);
      }
      ScalarNorms.addMoments(0, x, next, sums, whole, to);
      ScalarNorms.normalise(mean, r, x, at, w, wAt, b, bAt, y, yAt, whole, to);
      sums.first += VectorSimd.fold(sums.p);
      sums.second += VectorSimd.fold(sums.q);
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
    int whole = n - n % (4 * LANES);
    for (int strip = 0; strip < whole; strip += 4 * LANES) {
      for (int lane = 0; lane < LANES; lane += L) {
        int i = strip + lane;
        FloatVector w0 = load(w, wAt + i);
        FloatVector w1 = load(w, wAt + i + 16);
        FloatVector w2 = load(w, wAt + i + 32);
        FloatVector w3 = load(w, wAt + i + 48);
        FloatVector dw0 = load(dw, i);
        FloatVector dw1 = load(dw, i + 16);
        FloatVector dw2 = load(dw, i + 32);
        FloatVector dw3 = load(dw, i + 48);
        FloatVector db0 = load(db, i);
        FloatVector db1 = load(db, i + 16);
        FloatVector db2 = load(db, i + 32);
        FloatVector db3 = load(db, i + 48);
        for (int row = 0; row < rows; row++) {
          int p = xAt + row * n + i;
          int q = dyAt + row * n + i;
          FloatVector unit0 = load(x, p).sub(mean[row]).mul(r[row]);
          FloatVector unit1 = load(x, p + 16).sub(mean[row]).mul(r[row]);
          FloatVector unit2 = load(x, p + 32).sub(mean[row]).mul(r[row]);
          FloatVector unit3 = load(x, p + 48).sub(mean[row]).mul(r[row]);
          FloatVector d0 = load(dy, q);
          FloatVector d1 = load(dy, q + 16);
          FloatVector d2 = load(dy, q + 32);
          FloatVector d3 = load(dy, q + 48);
          dw0 = d0.fma(unit0, dw0);
          dw1 = d1.fma(unit1, dw1);
          dw2 = d2.fma(unit2, dw2);
          dw3 = d3.fma(unit3, dw3);
          db0 = db0.add(d0);
          db1 = db1.add(d1);
          db2 = db2.add(d2);
          db3 = db3.add(d3);
          FloatVector sum = load(slopes, row * LANES + lane);
          sum = d0.mul(w0).fma(unit0, sum);
          sum = d1.mul(w1).fma(unit1, sum);
          sum = d2.mul(w2).fma(unit2, sum);
          sum = d3.mul(w3).fma(unit3, sum);
          sum.intoArray(slopes, row * LANES + lane);
        }
        dw0.intoArray(dw, i);
        dw1.intoArray(dw, i + 16);
        dw2.intoArray(dw, i + 32);
        dw3.intoArray(dw, i + 48);
        db0.intoArray(db, i);
        db1.intoArray(db, i + 16);
        db2.intoArray(db, i + 32);
        db3.intoArray(db, i + 48);
      }
    }
    for (int row = 0; row < rows; row++) {
      ScalarNorms.addSlopes(row, mean, r, x, xAt, w, wAt, dy, dyAt, dw, db, slopes, whole, n);
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
    FloatVector down = broadcast(S, -slope);
    int i = 0;
    for (; i < S.loopBound(n); i += L) {
      FloatVector unit = load(x, xAt + i).sub(mean).mul(r);
      FloatVector h = load(dy, dyAt + i).mul(load(w, wAt + i));
      down.fma(unit, h.sub(level)).mul(r).intoArray(dx, dxAt + i);
    }
    REST.gradient(mean, r, level, slope, x, xAt + i, w, wAt + i, dy, dyAt + i, dx, dxAt + i, n - i);
  }
}
