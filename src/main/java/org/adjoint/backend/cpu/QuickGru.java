package org.adjoint.backend.cpu;

/**
 * A step of a gated recurrent unit and its gradient, on rows of floats. Internal to the backends.
 * Kept are r, z, n and b_n.
 */
public final class QuickGru implements RecurrentKernels.Cell {
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
    float[] h = state[0];
    int keep = keptAt + n;
    int candidate = keptAt + 2 * n;
    int product = keptAt + 3 * n;
    simd.add(x, xAt, b, bAt, kept, keptAt, 2 * n);
    math.sigmoid(kept, keptAt, kept, keptAt, 2 * n);
    System.arraycopy(b, bAt + 2 * n, kept, product, n);
    simd.mul(kept, keptAt, kept, product, kept, candidate, n);
    simd.add(x, xAt + 2 * n, kept, candidate, kept, candidate, n);
    math.tanh(kept, candidate, kept, candidate, n);
    // h′ = (1 − z) ⊙ n + z ⊙ h; b has done its work and lends its room.
    Gates.oneMinus(kept, keep, b, bAt, n);
    simd.mul(b, bAt, kept, candidate, b, bAt, n);
    simd.mul(kept, keep, h, at, h, at, n);
    simd.add(b, bAt, h, at, h, at, n);
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
    int keep = keptAt + n;
    int candidate = keptAt + 2 * n;
    int product = keptAt + 3 * n;
    int dReset = dxAt;
    int dKeep = dxAt + n;
    int da = dxAt + 2 * n;
    int one = dbAt; // 1 − z, for a while
    Gates.oneMinus(kept, keep, db, one, n);
    // da = dh ⊙ (1 − z) ⊙ (1 − n²)
    Gates.oneMinusSquare(kept, candidate, dx, dReset, n);
    simd.mul(dh, at, db, one, dx, da, n);
    simd.mul(dx, da, dx, dReset, dx, da, n);
    // dz = dh ⊙ (h − n) ⊙ z ⊙ (1 − z), and dh ⊙ z goes on
    simd.mul(dh, at, kept, keep, dh, at, n);
    simd.sub(before, beforeAt, kept, candidate, dx, dKeep, n);
    simd.mul(dx, dKeep, dh, at, dx, dKeep, n);
    simd.mul(dx, dKeep, db, one, dx, dKeep, n);
    // dr = da ⊙ b_n ⊙ r ⊙ (1 − r); to b_n goes da ⊙ r
    simd.mul(dx, da, kept, keptAt, db, dbAt + 2 * n, n);
    simd.mul(db, dbAt + 2 * n, kept, product, dx, dReset, n);
    Gates.timesOneMinus(kept, keptAt, dx, dReset, db, one, n);
    System.arraycopy(dx, dReset, db, dbAt, 2 * n);
  }
}
