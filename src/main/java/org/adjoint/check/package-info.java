/**
 * The harness: what must hold of every operation, checked from {@link org.adjoint.op.OpCatalog}
 * alone, without a line per operation.
 *
 * <p>A check compares numbers with a bound that it computes, never with a constant tolerance, and
 * keeps the shares error/bound: a bound far above every error proves nothing. Nothing here prints
 * but tables, where it is told to, and three programs that are started in JVMs of their own. {@link
 * org.adjoint.check.Check} is the place to start reading; {@link org.adjoint.check.Proof} and
 * {@link org.adjoint.check.KernelTimer} are for experiments with kernels of one's own.
 */
@NullMarked
package org.adjoint.check;

import org.jspecify.annotations.NullMarked;
