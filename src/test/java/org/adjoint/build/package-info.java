/** What the build itself promises: one format for every file, and which room may see which. */
@NullMarked
package org.adjoint.build;

import org.jspecify.annotations.NullMarked;
