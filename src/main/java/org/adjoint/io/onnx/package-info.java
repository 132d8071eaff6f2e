/**
 * ONNX models, as they lie in a file: read into plain records, and written from them; and run, each
 * operator as a few differentiable calls, a family of operators to a file.
 */
@NullMarked
package org.adjoint.io.onnx;

import org.jspecify.annotations.NullMarked;
