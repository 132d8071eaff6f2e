/** The reference pages: every operation of the catalog and the course, as static HTML. */
@NullMarked
package org.adjoint.samples.docs;

import org.jspecify.annotations.NullMarked;
