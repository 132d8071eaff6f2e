/** A page of HTML made of files of results. */
@NullMarked
package org.adjoint.bench.report;

import org.jspecify.annotations.NullMarked;
