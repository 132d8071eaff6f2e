/** Optimisers: how parameters follow their gradients. */
@NullMarked
package org.adjoint.optim;

import org.jspecify.annotations.NullMarked;
