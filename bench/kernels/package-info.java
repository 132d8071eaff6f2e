/** Measures kernels of a GPU, beside their peers. */
@NullMarked
package org.adjoint.bench.kernels;

import org.jspecify.annotations.NullMarked;
