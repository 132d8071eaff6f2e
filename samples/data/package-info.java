/** Where the samples' data comes from: drawn here, or fetched from a public mirror and verified. */
@NullMarked
package org.adjoint.samples.data;

import org.jspecify.annotations.NullMarked;
