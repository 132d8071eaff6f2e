/** Where the time of a training goes: by operation, forward and backward, and by kernel. */
@NullMarked
package org.adjoint.profile;

import org.jspecify.annotations.NullMarked;
