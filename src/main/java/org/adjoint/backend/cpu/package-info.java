/** The CPU backend: it runs every op's reference, and the quick roads of those that have one. */
@NullMarked
package org.adjoint.backend.cpu;

import org.jspecify.annotations.NullMarked;
