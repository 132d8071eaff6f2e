/** The benchmark of the CPU backend: Adjoint and its peers at the same work, in turns. */
@NullMarked
package org.adjoint.bench.cpu;

import org.jspecify.annotations.NullMarked;
