/**
 * ONNX models, as they lie in a file: read into plain records, and written from them. What the
 * operations mean is not known here.
 */
@NullMarked
package org.adjoint.io.onnx;

import org.jspecify.annotations.NullMarked;
