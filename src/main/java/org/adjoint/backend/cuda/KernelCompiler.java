package org.adjoint.backend.cuda;

import java.nio.file.Path;
import java.util.List;

/** Makes of a kernel's source what a GPU can load. */
@FunctionalInterface
public interface KernelCompiler {
  /**
   * The image of a source.
   *
   * @param options of the caller's, as nvcc has them
   * @param capability of the GPU, as in 90 for 9.0
   * @throws IllegalArgumentException if the compiler refuses the source; with its messages
   * @throws UnsupportedOperationException if there is no compiler
   */
  byte[] compile(Path source, List<String> options, int capability);
}
