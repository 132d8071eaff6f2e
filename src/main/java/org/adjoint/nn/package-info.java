/** Layers: functions with parameters, and ways to put them together. */
@NullMarked
package org.adjoint.nn;

import org.jspecify.annotations.NullMarked;
