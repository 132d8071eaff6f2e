package org.adjoint.backend.cpu;

import java.util.Arrays;

/**
 * A step of an LSTM and its gradient, on rows of floats. Internal to the backends. Kept are σ(i),
 * σ(f), tanh(g), σ(o) and tanh(c′).
 */
public final class QuickLstm implements RecurrentKernels.Cell {
  private final Simd simd = Simd.best();
  private final SimdMath math = SimdMath.best();

  @Override
  public void step(
      float[] x,
      int xAt,
      float[] b,
      int bAt,
      float[][] state,
      int at,
      float[] kept,
      int keptAt,
      int n) {
    float[] c = state[1];
    int forget = keptAt + n;
    int candidate = keptAt + 2 * n;
    int out = keptAt + 3 * n;
    int tanh = keptAt + 4 * n;
    simd.add(x, xAt, b, bAt, kept, keptAt, 4 * n);
    math.sigmoid(kept, keptAt, kept, keptAt, 2 * n);
    math.tanh(kept, candidate, kept, candidate, n);
    math.sigmoid(kept, out, kept, out, n);
    simd.mul(kept, forget, c, at, c, at, n);
    simd.mul(kept, keptAt, kept, candidate, kept, tanh, n);
    simd.add(c, at, kept, tanh, c, at, n);
    math.tanh(c, at, kept, tanh, n);
    simd.mul(kept, out, kept, tanh, state[0], at, n);
  }

  @Override
  public void back(
      float[] kept,
      int keptAt,
      float[] before,
      int beforeAt,
      float[][] state,
      int at,
      float[] dx,
      int dxAt,
      float[] db,
      int dbAt,
      int n) {
    float[] dh = state[0];
    float[] dc = state[1];
    int in = keptAt;
    int forget = keptAt + n;
    int candidate = keptAt + 2 * n;
    int out = keptAt + 3 * n;
    int tanh = keptAt + 4 * n;
    int dIn = dbAt;
    int dForget = dbAt + n;
    int dCandidate = dbAt + 2 * n;
    int dOut = dbAt + 3 * n;
    // dc += dh ⊙ σ(o) ⊙ (1 − tanh²)
    Gates.oneMinusSquare(kept, tanh, db, dIn, n);
    simd.mul(dh, at, kept, out, db, dOut, n);
    simd.mul(db, dOut, db, dIn, db, dIn, n);
    simd.add(dc, at, db, dIn, dc, at, n);
    // do = dh ⊙ tanh ⊙ σ(o) ⊙ (1 − σ(o))
    simd.mul(db, dOut, kept, tanh, db, dOut, n);
    Gates.timesOneMinus(kept, out, db, dOut, db, dIn, n);
    // dg = dc ⊙ σ(i) ⊙ (1 − g²)
    Gates.oneMinusSquare(kept, candidate, db, dCandidate, n);
    simd.mul(dc, at, kept, in, db, dIn, n);
    simd.mul(db, dIn, db, dCandidate, db, dCandidate, n);
    // di = dc ⊙ g ⊙ σ(i) ⊙ (1 − σ(i))
    simd.mul(db, dIn, kept, candidate, db, dIn, n);
    Gates.timesOneMinus(kept, in, db, dIn, db, dForget, n);
    // df = dc ⊙ c ⊙ σ(f) ⊙ (1 − σ(f)), and dc ⊙ σ(f) goes on
    simd.mul(dc, at, kept, forget, dc, at, n);
    simd.mul(dc, at, before, beforeAt, db, dForget, n);
    Gates.timesOneMinus(kept, forget, db, dForget, dh, at, n);
    Arrays.fill(dh, at, at + n, 0);
  }
}
