package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.CudaException;
import org.jspecify.annotations.Nullable;

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
 *
 * <p>A step that is captured has a {@link Pool} to itself: its graph will write to these addresses
 * again at each replay.
 */
final class Allocator {
  private static final int SMALLEST = 512;
  private static final long SLAB = 2 << 20;

  /** Milliseconds, and how many times as many, that the garbage collector gets. */
  private static final int COLLECTING = 10;

  private final Context context;
  private final boolean cache;

  /** What anybody may take. */
  private final Pool common = new Pool();

  /** Where blocks come from and belong, if that is not {@link #common}. */
  private @Nullable Pool reserved;

  /** Whether what is taken is for a step that is being recorded, so that nothing may be freed. */
  private boolean recording;

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
    long size = size(bytes);
    Block block =
        withRoom(
            size,
            () -> {
              Block kept = kept(size);
              return kept != null ? kept : fresh(size);
            });
    block.pool = reserved != null ? reserved : common;
    block.recorded = recording;
    return use(block);
  }

  /** As {@link #take}, but never what a step in its {@link Pool} works in. */
  synchronized Block takeApart(long bytes) {
    Pool pool = reserved;
    reserved = null;
    try {
      return take(bytes);
    } finally {
      reserved = pool;
    }
  }

  /**
   * A block that nobody has had since CUDA gave it: whatever stream writes to it comes in nobody's
   * way. {@link #give} takes it back for good, {@link #rest} for a while.
   */
  synchronized Block takeNew(long bytes) {
    long size = size(bytes);
    return use(withRoom(size, () -> own(size)));
  }

  private long size(long bytes) {
    return cache ? sizeClass(bytes) : Math.max(1, bytes);
  }

  /** Counts a block among those in use. */
  synchronized Block use(Block block) {
    live += block.bytes();
    peak = Math.max(peak, live);
    return block;
  }

  /** Counts a block, which its holder keeps for the next use, among those that are not in use. */
  synchronized void rest(Block block) {
    live -= block.bytes();
  }

  /** Whether blocks are kept for the next who wants one. */
  boolean caches() {
    return cache;
  }

  private @Nullable Block kept(long size) {
    Block block = reserved == null ? null : reserved.poll(size);
    return block != null ? block : common.poll(size);
  }

  private Block fresh(long size) {
    return cache && size < SLAB / 2 ? cut(size) : own(size);
  }

  private Block own(long size) {
    if (!cache && !recording) {
      freeNow();
    }
    return new Block(allocate(size), size, true, common);
  }

  /** The next piece of the slab; what is left of the old one is lost, less than an eighth of it. */
  private Block cut(long size) {
    if (slabLeft < size) {
      slab = allocate(SLAB);
      slabLeft = SLAB;
    }
    Block block = new Block(slab, size, false, common);
    slab += size;
    slabLeft -= size;
    return block;
  }

  private long allocate(long bytes) {
    long address = context.unrecorded(() -> context.allocate(bytes));
    held += bytes;
    return address;
  }

  /** Gives back what can be: tensors without a scope may be garbage that nobody has looked at. */
  private void collect() {
    flush();
    System.gc();
    for (int i = 0; i < COLLECTING; i++) {
      try {
        wait(COLLECTING);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      flush();
    }
  }

  /** What {@code fresh} makes of the device's memory, or of what can be given back of it. */
  private Block withRoom(long size, Supplier<Block> fresh) {
    try {
      return fresh.get();
    } catch (CudaException e) {
      requireOutOfMemory(e);
    }
    collect();
    try {
      return fresh.get();
    } catch (CudaException e) {
      requireOutOfMemory(e);
      OutOfMemoryError error =
          new OutOfMemoryError(
              String.format(
                  Locale.ROOT,
                  "%s: no room for %,d bytes: %,d are in use by tensors, %,d free of %,d%s",
                  context,
                  size,
                  live,
                  context.freeMemory(),
                  context.totalMemory(),
                  recording ? "; a step that opens a Scope is recorded in less memory" : ""));
      error.initCause(e);
      throw error;
    }
  }

  private static void requireOutOfMemory(CudaException e) {
    if (!e.isOutOfMemory()) {
      throw e;
    }
  }

  /** Gives back to CUDA what no tensor and no graph holds. */
  synchronized void flush() {
    // To free waits for the device, which a recording forbids.
    if (!recording) {
      common.drain(Block::ownsMemory, toFree::add);
      freeNow();
    }
  }

  private void freeNow() {
    while (!toFree.isEmpty()) {
      // Before the call, which tells of a kernel's error as well: it must not be made twice.
      Block block = toFree.removeLast();
      held -= block.bytes();
      context.free(block.address());
    }
  }

  /** Takes a block back, into the pool that it belongs to. */
  synchronized void give(Block block) {
    live -= block.bytes();
    if (block.pool != common && block.pool.isOpen()) {
      block.pool.push(block);
    } else {
      giveToAll(block);
    }
  }

  private void giveToAll(Block block) {
    if (cache) {
      common.push(block);
    } else {
      toFree.add(block);
    }
  }

  /**
   * From now on blocks are taken for {@code pool}, first from it; null for all.
   *
   * @param recorded whether for a step that is being recorded
   */
  synchronized void reserve(@Nullable Pool pool, boolean recorded) {
    reserved = pool;
    recording = recorded;
  }

  /** Whether blocks are being taken for a pool of its own. */
  synchronized boolean isReserved() {
    return reserved != null;
  }

  /** Closes a pool: what is free of it is anybody's, and what is in use when it is given back. */
  synchronized void close(Pool pool) {
    pool.close();
    pool.drain(_ -> true, this::giveToAll);
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
