package org.adjoint.optim;

import org.adjoint.backend.cpu.StepMath;

/**
 * One step of {@link Adam} and its relatives, in one pass over w, m, v and the largest v so far, if
 * that counts; beside them the gradient.
 *
 * @param steps t, 1 at the first step
 * @param rate η
 * @param decay λ in the gradient: g = ∇L + λ·w
 * @param shrink how much of w goes beforehand: η·λ where the decay stands beside the gradient
 * @param amsgrad whether the largest v divides
 */
record AdamStep(
    long steps,
    double rate,
    double beta1,
    double beta2,
    double eps,
    double decay,
    double shrink,
    boolean amsgrad)
    implements OnePass {
  private double unbias1() {
    return 1 - StrictMath.pow(beta1, (double) steps);
  }

  private double unbias2() {
    return 1 - StrictMath.pow(beta2, (double) steps);
  }

  @Override
  public void step(double[][] state, double[] gradient) {
    double[] weights = state[0];
    double[] first = state[1];
    double[] second = state[2];
    double unbias1 = unbias1();
    double unbias2 = unbias2();
    for (int i = 0; i < gradient.length; i++) {
      double w = weights[i] * (1 - shrink);
      double g = decay == 0 ? gradient[i] : gradient[i] + decay * w;
      double m = beta1 * first[i] + (1 - beta1) * g;
      double v = beta2 * second[i] + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = v;
      if (amsgrad) {
        v = Math.max(state[3][i], v);
        state[3][i] = v;
      }
      double divisor = Math.sqrt(v) / Math.sqrt(unbias2) + eps;
      weights[i] = w - rate / unbias1 * (m / divisor);
    }
  }

  @Override
  public Lanes lanes() {
    StepMath.Moments by =
        new StepMath.Moments(
            (float) (1 - shrink),
            (float) decay,
            (float) beta1,
            (float) (1 - beta1),
            (float) beta2,
            (float) (1 - beta2),
            (float) Math.sqrt(unbias2()),
            (float) eps,
            (float) (rate / unbias1()));
    return (x, at, n) -> {
      int g = x.length - 1;
      int peak = g - 1; // v itself where the largest v does not count
      StepMath.best()
          .adapt(by, x[0], at[0], x[1], at[1], x[2], at[2], x[peak], at[peak], x[g], at[g], n);
    };
  }

  @Override
  public String entry() {
    return amsgrad ? "adam_amsgrad" : "adam";
  }

  @Override
  public double[] numbers() {
    return new double[] {
      1 - shrink,
      decay,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      Math.sqrt(unbias2()),
      eps,
      rate / unbias1()
    };
  }
}
