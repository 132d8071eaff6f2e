package org.adjoint;

/** All there is to know of a tensor but its values: what shape inference works on. */
public record Meta(Shape shape, DType dtype, Device device) {
  /** The same dtype and device with another shape. */
  public Meta with(Shape other) {
    return new Meta(other, dtype, device);
  }

  /** The same shape and device with another dtype. */
  public Meta with(DType other) {
    return new Meta(shape, other, device);
  }

  /** Number of axes. */
  public int rank() {
    return shape.rank();
  }

  /** Size along {@code axis}; negative axes count from the end. */
  public long size(int axis) {
    return shape.size(axis);
  }

  /** For example {@code F32 [32, 784] on cpu}. */
  @Override
  public String toString() {
    return dtype + " " + shape + " on " + device;
  }
}
