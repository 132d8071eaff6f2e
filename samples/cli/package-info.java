/** The command line: one class for each command, one list of the samples. */
@NullMarked
package org.adjoint.samples.cli;

import org.jspecify.annotations.NullMarked;
