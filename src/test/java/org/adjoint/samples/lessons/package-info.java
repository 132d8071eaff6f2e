/** Tests of the first lessons: their figures, literally, and their pictures. */
@NullMarked
package org.adjoint.samples.lessons;

import org.jspecify.annotations.NullMarked;
