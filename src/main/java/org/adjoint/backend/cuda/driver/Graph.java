package org.adjoint.backend.cuda.driver;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/** Work that was recorded once, and is queued again and again by one call. */
public final class Graph implements AutoCloseable {
  /**
   * What may not happen while work is recorded, above all taking memory from the driver, is an
   * error on the recording thread alone. Global would forbid it to all threads, and a loader that
   * pins memory would break a capture that it does not know of; relaxed would let an allocation
   * slip in, and a replay would write to memory that was given to others since.
   */
  private static final int MODE = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;

  private final Context context;
  private final CUgraphExec handle;

  private Graph(Context context, CUgraphExec handle) {
    this.context = context;
    this.handle = handle;
  }

  /**
   * Records what {@code work} queues on {@code stream}, and on streams that wait for it, without
   * doing it.
   *
   * @throws CudaException if the work did what cannot be recorded
   */
  public static Graph capture(Stream stream, Runnable work) {
    stream.context().makeCurrent();
    Status.check("cuStreamBeginCapture", JCudaDriver.cuStreamBeginCapture(stream.handle(), MODE));
    CUgraph graph = new CUgraph();
    try {
      work.run();
    } catch (Throwable e) {
      // The stream must not stay in capture; why it is left is known already.
      if (JCudaDriver.cuStreamEndCapture(stream.handle(), graph) == 0) {
        int _ = JCudaDriver.cuGraphDestroy(graph);
      }
      throw e;
    }
    Status.check("cuStreamEndCapture", JCudaDriver.cuStreamEndCapture(stream.handle(), graph));
    try {
      CUgraphExec handle = new CUgraphExec();
      Status.check("cuGraphInstantiate", JCudaDriver.cuGraphInstantiate(handle, graph, 0));
      return new Graph(stream.context(), handle);
    } finally {
      Status.check("cuGraphDestroy", JCudaDriver.cuGraphDestroy(graph));
    }
  }

  /** Queues all of it on {@code stream}. */
  public void launch(Stream stream) {
    context.makeCurrent();
    Status.check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(handle, stream.handle()));
  }

  /** Destroys it; no launch of it may be in flight. */
  @Override
  public void close() {
    context.makeCurrent();
    Status.check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(handle));
  }
}
