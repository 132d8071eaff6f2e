package org.adjoint.backend.cuda;

import java.lang.ref.Cleaner;
import java.util.function.Consumer;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;

/**
 * Elements in the memory of a GPU. Where nobody lets go of them, the garbage collector does; it
 * gives the block back to the allocator, which calls no CUDA, so it may come at any time, even
 * during a capture.
 */
final class CudaStorage extends Storage {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Block block;
  private final Cleaner.Cleanable holding;

  CudaStorage(Device device, DType dtype, long length, Allocator allocator) {
    this(device, dtype, length, allocator.take(length * dtype.bytes()), allocator::give);
  }

  /** On a block that goes to {@code giver} in the end, which must not call CUDA. */
  CudaStorage(Device device, DType dtype, long length, Block block, Consumer<Block> giver) {
    super(device, dtype, length);
    this.block = block;
    holding = CLEANER.register(this, () -> giver.accept(block));
  }

  Block block() {
    return block;
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
    if (!(operand.storage() instanceof CudaStorage storage)) {
      throw new IllegalArgumentException(
          "cuda: an operand is on "
              + operand.storage().device()
              + "; move it there with to(device)");
    }
    return storage.address() + operand.layout().offset() * storage.dtype().bytes();
  }

  @Override
  protected void free() {
    holding.clean();
  }
}
