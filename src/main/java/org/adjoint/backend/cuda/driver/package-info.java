/**
 * CUDA as Java calls it: thin, typed, every status checked.
 *
 * <p>The one package that knows JCuda. Addresses are {@code long}s, and nothing here decides where
 * memory comes from or which kernel runs: no allocator, no tensor. No garbage collection ends in a
 * CUDA call either; what has a {@code close} is closed by its owner.
 *
 * <p>A {@link org.adjoint.backend.cuda.driver.Context} is current per thread. Objects of this
 * package see to that themselves, but they are not meant to be used by two threads at once.
 */
@NullMarked
package org.adjoint.backend.cuda.driver;

import org.jspecify.annotations.NullMarked;
