package org.adjoint.backend.cpu;

/**
 * Steps of optimisers over ranges of floats, in one pass. Internal to the backends. As in {@link
 * Simd}, two implementations give the same bits: they round each operation, as the calls of Tensor
 * would.
 */
public interface StepMath {
  /** The implementation for this machine; see {@link Simd#best}. */
  static StepMath best() {
    return Chosen.STEPS;
  }

  /** What a step of gradient descent multiplies with. */
  record Descent(float rate, float momentum, float decay, boolean nesterov) {}

  /**
   * g += decay · w, v = momentum · v + g, w −= rate · v, or rate · (momentum · v + g) for Nesterov.
   *
   * @param v may be any array where the momentum is 0: then it is left alone
   */
  void descend(Descent by, float[] w, int wAt, float[] v, int vAt, float[] g, int gAt, int n);

  /**
   * What a step of Adam multiplies with.
   *
   * @param keep of the weights: 1, or less where they decay beside the gradient
   * @param unbias √(1 − β₂ᵗ)
   * @param rate η / (1 − β₁ᵗ)
   */
  record Moments(
      float keep,
      float decay,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float unbias,
      float eps,
      float rate) {}

  /**
   * w ·= keep, g += decay · w, m = β₁ · m + rest₁ · g, v = β₂ · v + rest₂ · g², p = max(p, v), w −=
   * rate · (m / (√p / unbias + eps)).
   *
   * @param p the range of v where the largest v does not count
   */
  void adapt(
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
      int n);

  /** Holds the choice, which follows that of {@link Simd}. */
  final class Chosen {
    static final StepMath STEPS = Simd.best().lanes() == 1 ? new ScalarSteps() : new VectorSteps();

    private Chosen() {}
  }
}
