/** Measurements: the files that hold them, their comparison, and the README's tables of them. */
@NullMarked
package org.adjoint.bench;

import org.jspecify.annotations.NullMarked;
