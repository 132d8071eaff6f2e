package org.adjoint.backend.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** A mark in a stream: it comes when all that was queued before it is done. */
public final class Event implements AutoCloseable {
  private final Context context;
  private final CUevent handle = new CUevent();

  private Event(Context context, int flags) {
    this.context = context;
    context.makeCurrent();
    Status.check("cuEventCreate", JCudaDriver.cuEventCreate(handle, flags));
  }

  /** A mark to wait for. */
  public static Event mark(Context context) {
    return new Event(context, CUevent_flags.CU_EVENT_DISABLE_TIMING);
  }

  /** A mark that a thread of the host sleeps for, instead of asking again and again. */
  public static Event sleeper(Context context) {
    return new Event(
        context, CUevent_flags.CU_EVENT_DISABLE_TIMING | CUevent_flags.CU_EVENT_BLOCKING_SYNC);
  }

  /** A mark that also takes the time, which costs a little. */
  public static Event timer(Context context) {
    return new Event(context, CUevent_flags.CU_EVENT_DEFAULT);
  }

  CUevent handle() {
    return handle;
  }

  /** Puts the mark at the end of {@code stream}; an earlier mark of this event is forgotten. */
  public void record(Stream stream) {
    context.makeCurrent();
    Status.check("cuEventRecord", JCudaDriver.cuEventRecord(handle, stream.handle()));
  }

  /** Whether it has come, or was never recorded. */
  public boolean isDone() {
    context.makeCurrent();
    int status = JCudaDriver.cuEventQuery(handle);
    if (status == CUresult.CUDA_ERROR_NOT_READY) {
      return false;
    }
    Status.check("cuEventQuery", status);
    return true;
  }

  /** Waits until it has come. */
  public void synchronize() {
    context.makeCurrent();
    Status.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(handle));
  }

  /** Milliseconds from {@code earlier} to this; both must be timers that have come. */
  public float millisSince(Event earlier) {
    context.makeCurrent();
    float[] millis = new float[1];
    Status.check(
        "cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(millis, earlier.handle, handle));
    return millis[0];
  }

  @Override
  public void close() {
    context.makeCurrent();
    Status.check("cuEventDestroy", JCudaDriver.cuEventDestroy(handle));
  }
}
