package org.adjoint.op;

import org.adjoint.Tensor;
import org.adjoint.backend.cpu.RecurrentKernels;

/**
 * A cell that {@link Unrolled} can run along sequences without an operation for each step. It says
 * four times what it computes: as a composition ({@link #step}), on doubles, on floats ({@link
 * #quick}), and, for the gradient's gradient, by tensor calls.
 *
 * <p>A row of gates has G·H elements, one gate after the other; a state has H. From a step it keeps
 * a row of K·H, which with one of the states before the step is all that its gradient needs.
 */
public interface GatedCell extends RecurrentCell {
  /** How many tensors [.., H] are kept of each step, K. */
  int kept();

  /** Which of the states before a step the gradient needs. */
  int memory();

  /** Whether x and the state before share in each gate alike, so that both have one gradient. */
  boolean alike();

  /**
   * One step of one sequence, on H elements.
   *
   * @param x a row of gates: the input's share
   * @param b a row of gates: the state's share, h·hhᵀ + biasHh
   * @param state before the step; after it, the next
   * @param kept a row to fill
   */
  void step(double[] x, double[] b, double[][] state, double[] kept);

  /**
   * The gradient of {@link #step(double[], double[], double[][], double[])}.
   *
   * @param before the state that {@link #memory} names
   * @param d the gradient of the next state; after the call, that of the state before, except for
   *     what comes through b
   * @param dx a row to fill; not if {@link #alike}
   * @param db a row to fill
   */
  void back(double[] kept, double[] before, double[][] d, double[] dx, double[] db);

  /** The two on floats. */
  RecurrentKernels.Cell quick();

  /** Whether the two are in {@code recurrent.cu}, as NAME_step and NAME_back. */
  default boolean hasCudaKernels() {
    return false;
  }

  /**
   * What is kept, [P, K·H], by tensor calls.
   *
   * @param after states after each step, [P, H]
   */
  Tensor remember(Tensor x, Tensor b, Tensor... after);

  /**
   * The gradient of a step by tensor calls: db, then the states' as {@link #back} leaves them, then
   * dx unless {@link #alike}.
   *
   * @param kept [B, K·H]
   * @param before [B, H]
   * @param d each [B, H]
   */
  Tensor[] back(Tensor kept, Tensor before, Tensor... d);
}
