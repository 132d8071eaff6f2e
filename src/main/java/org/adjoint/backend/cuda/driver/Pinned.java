package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.driver.JCudaDriver;

/** Page-locked host memory, which the device copies to and from while the CPU goes on. */
@SuppressWarnings("restricted") // CUDA says where memory is, and we believe it
public final class Pinned implements AutoCloseable {
  private final Context context;
  private final Handles.HostAllocation handle = new Handles.HostAllocation();
  private final MemorySegment segment;

  /** Takes {@code bytes} bytes, at least one. */
  public Pinned(Context context, long bytes) {
    this.context = context;
    context.makeCurrent();
    Status.check("cuMemHostAlloc", JCudaDriver.cuMemHostAlloc(handle, bytes, 0));
    segment = MemorySegment.ofAddress(handle.address()).reinterpret(bytes);
  }

  /** The memory; not to be touched after {@link #close}. */
  public MemorySegment segment() {
    return segment;
  }

  /** Where it begins. */
  public long address() {
    return segment.address();
  }

  /** How much it is. */
  public long bytes() {
    return segment.byteSize();
  }

  void check(long offset, long bytes) {
    if (offset < 0 || bytes < 0 || offset > bytes() - bytes) {
      throw new IndexOutOfBoundsException(
          "pinned memory: " + bytes + " bytes from " + offset + " on, but there are " + bytes());
    }
  }

  /** Gives it back; no copy may be under way. */
  @Override
  public void close() {
    context.makeCurrent();
    Status.check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(handle));
  }
}
