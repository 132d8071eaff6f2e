/**
 * What several samples share: pictures of what they found, and a line that shows how far they are.
 */
@NullMarked
package org.adjoint.samples.common;

import org.jspecify.annotations.NullMarked;
