/**
 * One file per operation: what it takes, what it computes, its gradient, its quick road, and the
 * examples it is checked on.
 */
@NullMarked
package org.adjoint.op;

import org.jspecify.annotations.NullMarked;
