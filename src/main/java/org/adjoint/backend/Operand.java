package org.adjoint.backend;

import org.adjoint.DType;
import org.adjoint.Shape;

/** What a kernel reads or writes: elements of a storage, and how they lie there. */
public record Operand(Storage storage, Layout layout) {
  /** Sizes along the axes. */
  public Shape shape() {
    return layout.shape();
  }

  /** Type of each element. */
  public DType dtype() {
    return storage.dtype();
  }

  /** Number of elements. */
  public long count() {
    return layout.shape().count();
  }

  /** The elements at position {@code at} of {@code axis}, which stays with size 1. */
  public Operand slice(int axis, long at) {
    return new Operand(storage, layout.slice(axis, at, 1, 1));
  }
}
