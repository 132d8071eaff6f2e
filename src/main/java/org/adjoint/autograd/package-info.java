/**
 * Reverse-mode differentiation: what an operation is, what is remembered of each one that ran, and
 * the walk back.
 */
@NullMarked
package org.adjoint.autograd;

import org.jspecify.annotations.NullMarked;
