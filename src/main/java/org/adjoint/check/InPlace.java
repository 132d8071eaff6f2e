package org.adjoint.check;

import org.adjoint.autograd.Op;

/**
 * An operation that is used to write its results in the place of inputs, as the step of an
 * optimiser is: {@link KernelTimer} has it do so. Checks give it results of their own.
 */
public interface InPlace extends Op {
  /** The number of the input whose place output {@code i} takes. */
  int overwritten(int i, int inputs, int outputs);
}
