package org.adjoint.backend.cpu;

/** {@link StepMath} number by number, also for what {@link VectorSteps} leaves over. */
public final class ScalarSteps implements StepMath {
  /** Without a decay, an infinite weight does not matter. */
  private static float decayed(float g, float decay, float w) {
    return decay == 0 ? g : g + decay * w;
  }

  @Override
  public void descend(
      Descent by, float[] w, int wAt, float[] v, int vAt, float[] g, int gAt, int n) {
    for (int i = 0; i < n; i++) {
      float to = decayed(g[gAt + i], by.decay(), w[wAt + i]);
      if (by.momentum() != 0) {
        v[vAt + i] = by.momentum() * v[vAt + i] + to;
        to = by.nesterov() ? to + by.momentum() * v[vAt + i] : v[vAt + i];
      }
      w[wAt + i] -= by.rate() * to;
    }
  }

  @Override
  public void adapt(
      Moments by,
      float[] w,
      int wAt,
      float[] m,
      int mAt,
      float[] v,
      int vAt,
      float[] p,
      int pAt,
      float[] g,
      int gAt,
      int n) {
    for (int i = 0; i < n; i++) {
      float weight = by.keep() * w[wAt + i];
      float to = decayed(g[gAt + i], by.decay(), weight);
      float first = by.beta1() * m[mAt + i] + by.rest1() * to;
      float second = by.beta2() * v[vAt + i] + by.rest2() * (to * to);
      m[mAt + i] = first;
      v[vAt + i] = second;
      float most = Math.max(p[pAt + i], second);
      p[pAt + i] = most;
      float divisor = (float) Math.sqrt(most) / by.unbias() + by.eps();
      w[wAt + i] = weight - by.rate() * (first / divisor);
    }
  }
}
