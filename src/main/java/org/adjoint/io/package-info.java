/**
 * Tensors in files: safetensors, numpy's npy and npz, and checkpoints made of the former. A file is
 * hostile input: whatever it says of itself is checked before it is believed, and what is wrong is
 * an {@link java.io.IOException} of one line. A file is written beside the old one and moved over
 * it, so that none is ever seen half-written.
 */
@NullMarked
package org.adjoint.io;

import org.jspecify.annotations.NullMarked;
