/** The time of host code: what Adjoint adds to the work of its kernels. */
@NullMarked
package org.adjoint.bench.host;

import org.jspecify.annotations.NullMarked;
