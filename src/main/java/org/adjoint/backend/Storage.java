package org.adjoint.backend;

import org.adjoint.DType;
import org.adjoint.Device;

/**
 * A flat run of elements on one device, shared by a tensor and its views.
 *
 * <p>It counts its holders and goes back to its backend when the last one lets go; a holder that is
 * never closed leaves it to the garbage collector.
 */
public abstract class Storage {
  private final Device device;
  private final DType dtype;
  private final long length;
  private int holders = 1;
  private long version;

  /** A storage of {@code length} elements, held once. */
  protected Storage(Device device, DType dtype, long length) {
    this.device = device;
    this.dtype = dtype;
    this.length = length;
  }

  /** Where the elements lie. */
  public final Device device() {
    return device;
  }

  /** The type of each element. */
  public final DType dtype() {
    return dtype;
  }

  /** Number of elements. */
  public final long length() {
    return length;
  }

  /** Size in bytes. */
  public final long bytes() {
    return length * dtype.bytes();
  }

  /** How often the elements were changed in place; a backward compares it with what it saved. */
  public final long version() {
    return version;
  }

  /** Notes that elements were changed in place. */
  public final void bumpVersion() {
    version++;
  }

  /** One more holder. */
  public final synchronized void retain() {
    if (holders == 0) {
      throw new IllegalStateException("storage: retained after it was freed");
    }
    holders++;
  }

  /** One holder less; the last one gives the memory back. */
  public final synchronized void release() {
    if (holders == 0) {
      throw new IllegalStateException("storage: released more often than it was held");
    }
    if (--holders == 0) {
      free();
    }
  }

  /** Gives the memory back to the backend; called once. */
  protected abstract void free();
}
