package org.adjoint.backend.cuda;

import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;

/** Elements in the memory of a GPU. */
final class CudaStorage extends Storage {
  private final Allocator allocator;
  private final Allocator.Block block;

  CudaStorage(Device device, DType dtype, long length, Allocator allocator) {
    super(device, dtype, length);
    this.allocator = allocator;
    block = allocator.take(length * dtype.bytes());
  }

  /** Where the first element lies. */
  long address() {
    return block.address();
  }

  /** All elements. */
  Operand whole() {
    return new Operand(this, Layout.contiguous(Shape.of(length())));
  }

  /** Where the first element of an operand lies. */
  static long address(Operand operand) {
    CudaStorage storage = (CudaStorage) operand.storage();
    return storage.address() + operand.layout().offset() * storage.dtype().bytes();
  }

  /** Calls no CUDA, so that a Cleaner may come here at any time, even during a capture. */
  @Override
  protected void free() {
    allocator.give(block);
  }
}
