/** {@code adjoint bench kernels}: the kernels of a GPU, or of an emulated one. */
@NullMarked
package org.adjoint.bench.kernels;

import org.jspecify.annotations.NullMarked;
