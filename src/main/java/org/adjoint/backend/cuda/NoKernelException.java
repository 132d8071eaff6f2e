package org.adjoint.backend.cuda;

import org.adjoint.backend.Kernel;

/** A kernel has no variant on a GPU for such operands; the message says which and what for. */
public final class NoKernelException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1;

  private final Class<? extends Kernel> kernel;

  NoKernelException(Kernel kernel, String message) {
    super(message);
    this.kernel = kernel.getClass();
  }

  /** The class of the kernel. */
  public Class<? extends Kernel> kernel() {
    return kernel;
  }
}
