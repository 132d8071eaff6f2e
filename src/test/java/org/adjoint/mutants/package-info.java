/** Mutation testing of the CUDA kernels, on the emulator. */
@NullMarked
package org.adjoint.mutants;

import org.jspecify.annotations.NullMarked;
