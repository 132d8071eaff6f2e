package org.adjoint.op;

import org.adjoint.Tensor;

/**
 * Elements picked out of a tensor, and where they stood.
 *
 * @param values the elements; they carry the gradient
 * @param indices their places along the axis they were picked from, I64
 */
public record Picked(Tensor values, Tensor indices) {
  static Picked of(Tensor... valuesAndIndices) {
    return new Picked(valuesAndIndices[0], valuesAndIndices[1]);
  }

  Picked squeeze(int axis) {
    return new Picked(values.squeeze(axis), indices.squeeze(axis));
  }
}
