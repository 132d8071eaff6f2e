package org.adjoint.autograd;

import org.adjoint.Meta;
import org.adjoint.backend.Layout;

/**
 * An operation of one input that computes nothing: its output is the same storage, laid out anew.
 */
public interface View extends Op {
  /** The output's layout; the input has passed {@link #infer}. */
  Layout view(Layout in);

  @Override
  default double flop(Meta[] in, Meta[] out) {
    return 0;
  }
}
