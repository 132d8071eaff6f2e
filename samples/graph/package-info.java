/** Pictures of the graph that autograd records. */
@NullMarked
package org.adjoint.samples.graph;

import org.jspecify.annotations.NullMarked;
