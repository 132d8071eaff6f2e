package org.adjoint.backend.cuda;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which kernels were queued, each once, in the order of their first launch: for messages, and for
 * who must know how a result was computed. Nothing is noted before the first {@link #begin}.
 */
public final class Trace {
  private final Set<String> kernels = new LinkedHashSet<>();
  private boolean on;
  private boolean transformed;

  Trace() {}

  /** Forgets what was noted, and goes on noting. */
  public synchronized void begin() {
    on = true;
    transformed = false;
    kernels.clear();
  }

  /** The kernels since then; of cuBLAS its name, of cuDNN that of the algorithm. */
  public synchronized Set<String> kernels() {
    return new LinkedHashSet<>(kernels);
  }

  /**
   * Whether one of them computed with transforms of its operands, as cuDNN does that convolves by
   * Winograd's method or Fourier's: NaN and infinities then spread to neighbours, and integers are
   * not summed exactly.
   */
  public synchronized boolean hasTransformed() {
    return transformed;
  }

  /** Whether one of them was cuDNN's. */
  public synchronized boolean hasLibraryConvolution() {
    return kernels.stream().anyMatch(name -> name.startsWith("CUDNN"));
  }

  synchronized void queued(String kernel) {
    if (on) {
      kernels.add(kernel);
    }
  }

  synchronized void transformed() {
    transformed = true;
  }
}
