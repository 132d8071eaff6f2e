package org.adjoint.backend.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.CudaException;

/**
 * Device memory that is kept when it is given back, since CUDA's own allocation waits for the
 * device. A block may be taken again at once: whoever had it queued his work on the stream on which
 * its next holder queues his.
 *
 * <p>Sizes are rounded up to classes, eight for each power of two, so that at most an eighth is
 * wasted and a training step finds its blocks again. Blocks below 1 MiB are cut from slabs.
 *
 * <p>Without a cache, each block is taken from CUDA at its own size, and given back there: for
 * tools that watch every allocation.
 */
final class Allocator {
  private static final int SMALLEST = 512;
  private static final long SLAB = 2 << 20;

  /** Milliseconds, and how many times as many, that the garbage collector gets. */
  private static final int COLLECTING = 10;

  /** Some bytes of the device's memory. */
  record Block(long address, long bytes, boolean ownsMemory) {}

  private final Context context;
  private final boolean cache;
  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private final List<Block> toFree = new ArrayList<>();
  private long slab;
  private long slabLeft;
  private long held;
  private long live;
  private long peak;

  Allocator(Context context, boolean cache) {
    this.context = context;
    this.cache = cache;
  }

  /** The class of {@code bytes}: the least k · 2ⁿ that is not less, with k from 8 to 15. */
  static long sizeClass(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    int shift = 63 - Long.numberOfLeadingZeros(bytes - 1) - 3;
    return (((bytes - 1) >> shift) + 1) << shift;
  }

  /**
   * A block of at least {@code bytes}, contents undefined.
   *
   * @throws OutOfMemoryError if the device has no more, even after all that is kept was given back
   */
  synchronized Block take(long bytes) {
    long size = cache ? sizeClass(bytes) : Math.max(1, bytes);
    ArrayDeque<Block> blocks = free.get(size);
    Block block = blocks == null || blocks.isEmpty() ? fresh(size) : blocks.pop();
    live += block.bytes();
    peak = Math.max(peak, live);
    return block;
  }

  private Block fresh(long size) {
    if (!cache) {
      freeNow();
    } else if (size < SLAB / 2) {
      return cut(size);
    }
    return new Block(allocate(size), size, true);
  }

  /** The next piece of the slab; what is left of the old one is lost, less than an eighth of it. */
  private Block cut(long size) {
    if (slabLeft < size) {
      slab = allocate(SLAB);
      slabLeft = SLAB;
    }
    Block block = new Block(slab, size, false);
    slab += size;
    slabLeft -= size;
    return block;
  }

  private long allocate(long bytes) {
    long address;
    try {
      address = context.allocate(bytes);
    } catch (CudaException e) {
      if (!e.isOutOfMemory()) {
        throw e;
      }
      address = allocateAfterFlush(bytes);
    }
    held += bytes;
    return address;
  }

  private long allocateAfterFlush(long bytes) {
    flush();
    // Tensors without a scope may be garbage that nobody has looked at yet.
    System.gc();
    for (int i = 0; i < COLLECTING; i++) {
      try {
        wait(COLLECTING);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      flush();
    }
    try {
      return context.allocate(bytes);
    } catch (CudaException e) {
      OutOfMemoryError error =
          new OutOfMemoryError(
              String.format(
                  Locale.ROOT,
                  "%s: no room for %,d bytes: %,d are in use by tensors, %,d free of %,d",
                  context,
                  bytes,
                  live,
                  context.freeMemory(),
                  context.totalMemory()));
      error.initCause(e);
      throw error;
    }
  }

  /** Gives back to CUDA what no tensor holds. */
  synchronized void flush() {
    for (ArrayDeque<Block> blocks : free.values()) {
      blocks.removeIf(block -> {
        if (block.ownsMemory()) {
          toFree.add(block);
        }
        return block.ownsMemory();
      });
    }
    freeNow();
  }

  private void freeNow() {
    while (!toFree.isEmpty()) {
      // Before the call, which tells of a kernel's error as well: it must not be made twice.
      Block block = toFree.removeLast();
      held -= block.bytes();
      context.free(block.address());
    }
  }

  /** Takes a block back. */
  synchronized void give(Block block) {
    live -= block.bytes();
    if (cache) {
      free.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).push(block);
    } else {
      toFree.add(block);
    }
  }

  /** Bytes that tensors hold, in whole blocks. */
  synchronized long live() {
    return live;
  }

  /** The most that {@link #live} has been. */
  synchronized long peak() {
    return peak;
  }

  /** Bytes taken from CUDA. */
  synchronized long held() {
    return held;
  }
}
