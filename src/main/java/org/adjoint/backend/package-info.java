/**
 * What lies under a tensor: storage and layout, and the backends that run kernels on them.
 *
 * <p>Nothing here knows of tensors or gradients; an operation reaches a backend as a {@link
 * org.adjoint.backend.Kernel}.
 */
@NullMarked
package org.adjoint.backend;

import org.jspecify.annotations.NullMarked;
