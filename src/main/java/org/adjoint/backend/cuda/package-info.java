/**
 * Tensors on NVIDIA GPUs: memory, streams, and the choice among hand-written kernels. What calls
 * CUDA itself is in {@code driver}.
 */
@NullMarked
package org.adjoint.backend.cuda;

import org.jspecify.annotations.NullMarked;
