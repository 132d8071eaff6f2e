package org.adjoint.backend.cuda;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.adjoint.Device;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;
import org.jspecify.annotations.Nullable;

/**
 * A step that this thread is recording: its kernels are noted in their order, with the addresses
 * and the numbers that they are given, and none of them runs. So whatever the step does besides is
 * done once and not again by a replay; what would be wrong then is refused here.
 */
public final class Recording {
  private static final ScopedValue<Recording> CURRENT = ScopedValue.newInstance();

  private final CudaBackend backend;
  private final Device device;
  private final Pool pool = new Pool();
  private final LiveTable table;

  /** From outside the pool: the graph has their addresses, so they must not be given to others. */
  private final Set<Storage> held = Collections.newSetFromMap(new IdentityHashMap<>());

  private final Set<Storage> changed = Collections.newSetFromMap(new IdentityHashMap<>());

  Recording(CudaBackend backend, Device device) {
    this.backend = backend;
    this.device = device;
    table = new LiveTable(backend);
  }

  /** Records what {@code work} does. */
  void during(Runnable work) {
    ScopedValue.where(CURRENT, this).run(work);
  }

  /** What this thread is recording, if anything. */
  static @Nullable Recording current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /** Whether this thread is recording a step. */
  public static boolean isOn() {
    return CURRENT.isBound();
  }

  /** The blocks that the step may use. */
  Pool pool() {
    return pool;
  }

  LiveTable table() {
    return table;
  }

  /** Notes that {@code who} was given these, on {@code backend}. */
  static void hold(CudaBackend backend, String who, Operand... operands) {
    Recording on = current();
    if (on == null || on.backend != backend) {
      return;
    }
    for (Operand operand : operands) {
      CudaStorage storage = (CudaStorage) operand.storage();
      if (storage.block().pool != on.pool) {
        if (on.held.add(storage)) {
          storage.retain();
        }
      } else if (!storage.block().recorded) {
        refuse(
            who
                + ": takes "
                + storage.dtype()
                + " "
                + operand.shape()
                + " of the step before,"
                + " as each replay would,",
            "assign it to a tensor from outside; if it is to stay, run the step before capture");
      }
    }
  }

  /** Whether the step that is being recorded made {@code storage}. */
  private boolean made(Storage storage) {
    return storage instanceof CudaStorage there
        && there.block().recorded
        && there.block().pool == pool;
  }

  /** Notes that the elements of {@code storage} changed in place: now, and by each replay. */
  public static void bumpVersion(Storage storage) {
    storage.bumpVersion();
    Recording on = current();
    if (on != null) {
      on.changed.add(storage);
    }
  }

  /** What the host keeps of a step, as if the step ran anew. */
  void renew() {
    table.renew();
    changed.forEach(Storage::bumpVersion);
  }

  /** Lets go of all. */
  void close(Allocator allocator) {
    held.forEach(Storage::release);
    held.clear();
    changed.clear();
    table.close(allocator);
    allocator.close(pool);
  }

  // ---- what cannot be recorded ---------------------------------------------------------------

  /**
   * While a step is recorded, refuses {@code what}.
   *
   * @throws IllegalStateException that says so, and what to do
   */
  public static void refuse(String what, String advice) {
    if (isOn()) {
      throw new IllegalStateException(what + " while a step is being recorded; " + advice);
    }
  }

  /** Refuses to run on another device than the one whose kernels are recorded. */
  public static void refuseElsewhere(String op, Device where) {
    Recording on = current();
    if (on != null && !on.device.equals(where)) {
      refuse(
          op + ": on " + where + " it would run now, and no replay would repeat it,",
          "do it before the step, or on " + on.device);
    }
  }

  /** Refuses to read the elements of {@code tensor}, which are yet to be computed. */
  public static void refuseReading(String who, String tensor, Device from) {
    Recording on = current();
    if (on != null && on.device.equals(from)) {
      refuse(
          who + ": " + tensor + " cannot be read",
          "let the step assign it to a tensor from outside, and read that after replay()");
    }
  }

  /** Refuses to copy {@code tensor} from one device to another. */
  public static void refuseTransfer(String op, String tensor, Device from, Device to) {
    refuseReading(op, tensor, from);
    refuse(
        op + ": " + tensor + " cannot go from " + from + " to " + to,
        "make it there beforehand, and assign to it before replay()");
  }

  /**
   * Refuses to add to a gradient that is not of this step: each replay would add to the same one.
   */
  public static void refuseAddingTo(Storage gradient, String tensor) {
    Recording on = current();
    if (on != null && !on.made(gradient)) {
      refuse(
          "backward: " + tensor + " has a gradient from before, which cannot be added to",
          "call zeroGrad() within the step");
    }
  }
}
