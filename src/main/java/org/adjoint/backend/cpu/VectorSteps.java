package org.adjoint.backend.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link StepMath} by the Vector API: {@link ScalarSteps} on many numbers at once. */
public final class VectorSteps implements StepMath {
  private static final VectorSpecies<Float> S =
      VectorSimd.species(System.getProperty("adjoint.simd", "best"));
  private static final ScalarSteps REST = new ScalarSteps();

  @Override
  public void descend(
      Descent by, float[] w, int wAt, float[] v, int vAt, float[] g, int gAt, int n) {
    FloatVector rate = broadcast(S, by.rate());
    FloatVector momentum = broadcast(S, by.momentum());
    FloatVector decay = broadcast(S, by.decay());
    boolean remembers = by.momentum() != 0;
    boolean nesterov = by.nesterov();
    boolean decays = by.decay() != 0;
    int i = 0;
    for (; i < S.loopBound(n); i += S.length()) {
      FloatVector weight = fromArray(S, w, wAt + i);
      FloatVector to = fromArray(S, g, gAt + i);
      to = decays ? to.add(decay.mul(weight)) : to;
      if (remembers) {
        FloatVector velocity = momentum.mul(fromArray(S, v, vAt + i)).add(to);
        velocity.intoArray(v, vAt + i);
        to = nesterov ? to.add(momentum.mul(velocity)) : velocity;
      }
      weight.sub(rate.mul(to)).intoArray(w, wAt + i);
    }
    REST.descend(by, w, wAt + i, v, remembers ? vAt + i : vAt, g, gAt + i, n - i);
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
    FloatVector decay = broadcast(S, by.decay());
    FloatVector beta1 = broadcast(S, by.beta1());
    FloatVector rest1 = broadcast(S, by.rest1());
    FloatVector rest2 = broadcast(S, by.rest2());
    FloatVector beta2 = broadcast(S, by.beta2());
    FloatVector unbias = broadcast(S, by.unbias());
    FloatVector eps = broadcast(S, by.eps());
    FloatVector rate = broadcast(S, by.rate());
    boolean decays = by.decay() != 0;
    int i = 0;
    for (; i < S.loopBound(n); i += S.length()) {
      FloatVector weight = fromArray(S, w, wAt + i).mul(by.keep());
      FloatVector to = fromArray(S, g, gAt + i);
      to = decays ? to.add(decay.mul(weight)) : to;
      FloatVector first = beta1.mul(fromArray(S, m, mAt + i)).add(rest1.mul(to));
      FloatVector second = beta2.mul(fromArray(S, v, vAt + i)).add(rest2.mul(to.mul(to)));
      first.intoArray(m, mAt + i);
      second.intoArray(v, vAt + i);
      FloatVector most = fromArray(S, p, pAt + i).max(second);
      most.intoArray(p, pAt + i);
      FloatVector divisor = most.sqrt().div(unbias).add(eps);
      weight.sub(rate.mul(first.div(divisor))).intoArray(w, wAt + i);
    }
    REST.adapt(by, w, wAt + i, m, mAt + i, v, vAt + i, p, pAt + i, g, gAt + i, n - i);
  }
}
