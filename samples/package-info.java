/** The samples: one short file for each system of the lectures, in the order of a course. */
@NullMarked
package org.adjoint.samples;

import org.jspecify.annotations.NullMarked;
