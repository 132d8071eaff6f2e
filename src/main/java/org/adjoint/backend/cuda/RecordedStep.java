package org.adjoint.backend.cuda;

import org.adjoint.Device;
import org.adjoint.backend.cuda.driver.Graph;

/** A step as a graph of kernels, with the memory that they work in. */
public final class RecordedStep implements AutoCloseable {
  private final CudaBackend backend;
  private final Recording recording;
  private final Graph graph;
  private boolean closed;

  private RecordedStep(CudaBackend backend, Recording recording, Graph graph) {
    this.backend = backend;
    this.recording = recording;
    this.graph = graph;
  }

  /**
   * Runs {@code step}, and then records it. The memory of both is set apart; other threads wait for
   * the device meanwhile, or what they do would be recorded, too.
   *
   * @throws IllegalStateException if a step is being captured already, or this one does what cannot
   *     be recorded
   */
  public static RecordedStep capture(Device device, Runnable step) {
    return capture(CudaBackend.of(device), device, step);
  }

  static RecordedStep capture(CudaBackend backend, Device device, Runnable step) {
    Allocator allocator = backend.allocator();
    synchronized (backend) {
      if (Thread.currentThread().isVirtual()) {
        throw new IllegalStateException(
            "capture: CUDA records a thread of the system, and a virtual one may change it; capture"
                + " on a platform thread");
      }
      if (Recording.isOn() || allocator.isReserved()) {
        throw new IllegalStateException(
            "capture: a step is being captured already, and this one would be a part of it;"
                + " capture the one before the other");
      }
      Recording recording = new Recording(backend, device);
      try {
        allocator.reserve(recording.pool(), false);
        step.run();
        allocator.reserve(recording.pool(), true);
        Graph graph = Graph.capture(backend.stream(), () -> recording.during(step));
        return new RecordedStep(backend, recording, graph);
      } catch (Throwable e) {
        recording.close(allocator);
        throw e;
      } finally {
        allocator.reserve(null, false);
      }
    }
  }

  /**
   * Queues all that was recorded, with the numbers of the next step.
   *
   * @throws IllegalStateException if it was closed, or a step is being captured
   */
  public void replay() {
    synchronized (backend) {
      if (closed) {
        throw new IllegalStateException("replay: the graph was closed; capture the step again");
      }
      if (Recording.isOn() || backend.allocator().isReserved()) {
        throw new IllegalStateException(
            "replay: within a step that is being captured; replay the one after the other");
      }
      recording.renew();
      try (Timeline.Mark _ = Timeline.mark(backend, "graph")) {
        graph.launch(backend.stream());
      }
      backend.faults().watch();
    }
  }

  /** Gives the memory back, once; what is queued is still done. */
  @Override
  public void close() {
    synchronized (backend) {
      if (!closed) {
        closed = true;
        graph.close();
        recording.close(backend.allocator());
      }
    }
  }
}
