/** Loaders: files on disk become arrays. Every file is hostile input until its lengths agree. */
@NullMarked
package org.adjoint.data;

import org.jspecify.annotations.NullMarked;
