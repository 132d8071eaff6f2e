package org.adjoint.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Device;
import org.adjoint.backend.Arrival;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.Event;
import org.adjoint.backend.cuda.driver.Stream;

/**
 * Brings batches to the device on the copy stream, while the compute stream goes on.
 *
 * <p>Three things must wait for each other, and none of them is the thread that computes:
 *
 * <ol>
 *   <li>A kernel reads a batch after its copy has arrived: the compute stream waits for a mark that
 *       lies behind the copy in the copy stream.
 *   <li>Pinned memory is written anew after it was copied from: the thread that sends waits for a
 *       mark behind that copy.
 *   <li>A batch's memory is overwritten by a later batch after the last kernel that reads it. A
 *       tensor that is closed does not mean that: its kernels may still be queued. On one stream
 *       the order of work would see to it, and so the {@link Allocator} hands blocks out again at
 *       once; but the copy stream knows nothing of that order. So batches have blocks of their own.
 *       One that is given back is marked in the compute stream at the next {@link Arrival#await},
 *       behind all that can read it, since a tensor that is still wanted would not have been given
 *       back; and the copy stream waits for that mark before it writes there. Marking it earlier,
 *       where it is given back, will not do: that may be the garbage collector's thread, which must
 *       not call CUDA. Marking it later, where it is taken again, would put the mark behind the
 *       step that is computed then, which the copy is meant to overlap.
 * </ol>
 *
 * <p>Locks are taken in this order: the backend, the stages, the blocks, the allocator. The thread
 * that sends takes no lock that is held while kernels are launched or a graph is captured.
 */
final class Uploads {
  private static final int STAGES = 2;

  /** Where each tensor of a batch begins in pinned memory. */
  private static final long ALIGNMENT = 256;

  /** A block that only batches have, and the end of its last use. */
  private record Slot(Block block, Event unused) {}

  private final CudaBackend backend;
  private final Device device;
  private final Context context;
  private final Stream compute;
  private final Stream copies;
  private final Allocator allocator;
  private final List<Stage> stages = new ArrayList<>();
  private int next;

  /** Slots whose last use is marked, by their size, and those that wait to be. */
  private final Map<Long, ArrayDeque<Slot>> free = new HashMap<>();

  private final List<Slot> given = new ArrayList<>();

  Uploads(CudaBackend backend, Device device, Stream compute, Allocator allocator) {
    this.backend = backend;
    this.device = device;
    this.compute = compute;
    this.allocator = allocator;
    context = compute.context();
    copies = new Stream(context);
    for (int i = 0; i < STAGES; i++) {
      stages.add(new Stage(context));
    }
  }

  /** Queues the copies of operands of the CPU's. */
  Arrival send(Operand... here) {
    long[] offsets = new long[here.length + 1];
    for (int i = 0; i < here.length; i++) {
      long bytes = here[i].count() * here[i].dtype().bytes();
      offsets[i + 1] = Math.ceilDiv(offsets[i] + bytes, ALIGNMENT) * ALIGNMENT;
    }
    List<CudaStorage> there = new ArrayList<>();
    try {
      synchronized (stages) {
        Stage stage = stages.get(next++ % STAGES);
        MemorySegment room = stage.room(offsets[here.length]);
        for (int i = 0; i < here.length; i++) {
          long bytes = here[i].count() * here[i].dtype().bytes();
          CpuBackend.INSTANCE.read(here[i], room.asSlice(offsets[i], bytes));
          CudaStorage storage = storage(here[i]);
          there.add(storage);
          copies.upload(stage.pinned(), offsets[i], storage.address(), bytes);
        }
        stage.left(copies);
        Event arrived = Event.mark(context);
        arrived.record(copies);
        return new Batch(there.toArray(CudaStorage[]::new), arrived);
      }
    } catch (RuntimeException | Error e) {
      there.forEach(Storage::release);
      throw e;
    }
  }

  /** Room for an operand, which the copy stream may write to. */
  private CudaStorage storage(Operand like) {
    long bytes = like.count() * like.dtype().bytes();
    if (!allocator.caches()) {
      // Given back to CUDA, which waits for all streams.
      return new CudaStorage(
          device, like.dtype(), like.count(), allocator.takeNew(bytes), allocator::give);
    }
    Slot slot = take(bytes);
    copies.waitFor(slot.unused());
    return new CudaStorage(device, like.dtype(), like.count(), slot.block(), _ -> give(slot));
  }

  private Slot take(long bytes) {
    synchronized (free) {
      ArrayDeque<Slot> slots = free.get(Allocator.sizeClass(bytes));
      if (slots != null && !slots.isEmpty()) {
        Slot slot = slots.pop();
        allocator.use(slot.block());
        return slot;
      }
    }
    return new Slot(allocator.takeNew(bytes), Event.mark(context));
  }

  private void give(Slot slot) {
    synchronized (free) {
      given.add(slot);
      allocator.rest(slot.block());
    }
  }

  /** Marks the end of the use of what was given back. */
  private void mark() {
    synchronized (free) {
      for (Slot slot : given) {
        slot.unused().record(compute);
        free.computeIfAbsent(slot.block().bytes(), size -> new ArrayDeque<>()).push(slot);
      }
      given.clear();
    }
  }

  /** Gives memory that no batch has back to the allocator; nothing may be queued. */
  void flush() {
    copies.synchronize();
    mark();
    synchronized (free) {
      for (ArrayDeque<Slot> slots : free.values()) {
        for (Slot slot : slots) {
          slot.unused().close();
          allocator.give(allocator.use(slot.block()));
        }
      }
      free.clear();
    }
  }

  private final class Batch implements Arrival {
    private final CudaStorage[] storages;
    private final Event arrived;

    Batch(CudaStorage[] storages, Event arrived) {
      this.storages = storages;
      this.arrived = arrived;
    }

    @Override
    public Storage[] await() {
      synchronized (backend) {
        if (compute.isCapturing()) {
          throw new IllegalStateException(
              "upload: a batch was asked for while a graph is captured; take it before, and assign"
                  + " it to a tensor that the graph reads");
        }
        compute.waitFor(arrived);
        mark();
      }
      arrived.close();
      return storages;
    }

    @Override
    public void close() {
      arrived.close();
      for (Storage storage : storages) {
        storage.release();
      }
    }
  }
}
