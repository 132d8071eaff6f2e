/**
 * Tensors and their gradients: what a user types.
 *
 * <p>{@link org.adjoint.Tensor} is the value, {@link org.adjoint.Grad} asks for derivatives, {@link
 * org.adjoint.Scope} says how long values live.
 */
@NullMarked
package org.adjoint;

import org.jspecify.annotations.NullMarked;
