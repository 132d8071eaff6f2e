/** What other runtimes say of Adjoint's numbers. */
@NullMarked
package org.adjoint.referee;

import org.jspecify.annotations.NullMarked;
