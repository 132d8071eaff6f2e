/** A GPU of plain C++ (src/test/cuda): built by g++, driven through CUDA's own API. */
@NullMarked
package org.adjoint.emulator;

import org.jspecify.annotations.NullMarked;
