package org.adjoint.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A queue of work for the device, done in order. It is non-blocking: it does not wait for the
 * default stream, and so it can be captured.
 */
public final class Stream implements AutoCloseable {
  private static final CUstream DEFAULT = new CUstream();

  private final Context context;
  private final Handles.StreamHandle handle = new Handles.StreamHandle();

  /** A new stream on the device of {@code context}. */
  public Stream(Context context) {
    this.context = context;
    context.makeCurrent();
    Status.check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING));
  }

  Handles.StreamHandle handle() {
    return handle;
  }

  /** The context that it belongs to. */
  public Context context() {
    return context;
  }

  /** Waits until all that was queued is done; an error of a kernel comes to light here. */
  public void synchronize() {
    context.makeCurrent();
    Status.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(handle));
  }

  /** Whether all that was queued is done. */
  public boolean isDone() {
    context.makeCurrent();
    int status = JCudaDriver.cuStreamQuery(handle);
    if (status == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    Status.check("cuStreamQuery", status);
    return true;
  }

  /** Whether what is queued now is recorded into a graph instead of being done. */
  public boolean isCapturing() {
    context.makeCurrent();
    int[] state = new int[1];
    Status.check("cuStreamIsCapturing", JCudaDriver.cuStreamIsCapturing(handle, state));
    return state[0] != 0;
  }

  /** What is queued from now on waits until {@code event} has come, on whatever stream. */
  public void waitFor(Event event) {
    context.makeCurrent();
    Status.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(handle, event.handle(), 0));
  }

  /** Queues a copy on the device. */
  public void copy(long from, long to, long bytes) {
    if (bytes == 0) {
      return;
    }
    context.makeCurrent();
    Status.check(
        "cuMemcpyDtoDAsync",
        JCudaDriver.cuMemcpyDtoDAsync(Handles.device(to), Handles.device(from), bytes, handle));
  }

  /** Queues a copy to the device; the staging memory may be written again once it is done. */
  public void upload(Pinned from, long offset, long to, long bytes) {
    from.check(offset, bytes);
    if (bytes == 0) {
      return;
    }
    context.makeCurrent();
    Status.check(
        "cuMemcpyHtoDAsync",
        JCudaDriver.cuMemcpyHtoDAsync(
            Handles.device(to), Handles.at(from.address() + offset), bytes, handle));
  }

  /** Queues a copy from the device; the staging memory may be read once it is done. */
  public void download(long from, Pinned to, long offset, long bytes) {
    to.check(offset, bytes);
    if (bytes == 0) {
      return;
    }
    context.makeCurrent();
    Status.check(
        "cuMemcpyDtoHAsync",
        JCudaDriver.cuMemcpyDtoHAsync(
            Handles.at(to.address() + offset), Handles.device(from), bytes, handle));
  }

  /**
   * Copies any host memory, Java arrays included, to the device, after all that was queued. Slower
   * than by way of {@link Pinned}.
   */
  public void uploadNow(MemorySegment from, long to) {
    synchronize();
    if (from.byteSize() == 0) {
      return;
    }
    Status.check(
        "cuMemcpyHtoD",
        JCudaDriver.cuMemcpyHtoD(Handles.device(to), Handles.host(from), from.byteSize()));
    // It may return while the last of it is on its way, in the order of the default stream only.
    Status.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(DEFAULT));
  }

  /** Copies from the device to any host memory, Java arrays included, after all that was queued. */
  public void downloadNow(long from, MemorySegment to) {
    synchronize();
    if (to.byteSize() == 0) {
      return;
    }
    Status.check(
        "cuMemcpyDtoH",
        JCudaDriver.cuMemcpyDtoH(Handles.host(to), Handles.device(from), to.byteSize()));
  }

  /** Queues writing {@code value} to {@code bytes} bytes. */
  public void fill(long to, byte value, long bytes) {
    if (bytes == 0) {
      return;
    }
    context.makeCurrent();
    Status.check(
        "cuMemsetD8Async", JCudaDriver.cuMemsetD8Async(Handles.device(to), value, bytes, handle));
  }

  /** Queues writing {@code value} to {@code count} ints of 4 bytes. */
  public void fill(long to, int value, long count) {
    if (count == 0) {
      return;
    }
    context.makeCurrent();
    Status.check(
        "cuMemsetD32Async", JCudaDriver.cuMemsetD32Async(Handles.device(to), value, count, handle));
  }

  /** Destroys it; what was queued is still done. */
  @Override
  public void close() {
    context.makeCurrent();
    Status.check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(handle));
  }
}
