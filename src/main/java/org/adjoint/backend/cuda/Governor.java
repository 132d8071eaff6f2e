package org.adjoint.backend.cuda;

/** What looks after a GPU's clock rate, and slows it down where it becomes too hot. */
public interface Governor {
  /** Whether it slows the GPU down now, for its heat, say. */
  boolean isSlowing();

  /** The rate of the multiprocessors' clock now, in MHz; 0 if it is not known. */
  int megahertz();
}
