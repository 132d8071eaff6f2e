package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.adjoint.Device;
import org.adjoint.backend.cuda.driver.Event;
import org.jspecify.annotations.Nullable;

/**
 * When each kernel ran that one thread queued, for profiles. Before and after it an event is put
 * into the stream, which costs some microseconds; what is being recorded for a {@link RecordedStep}
 * does not run, and is left out.
 */
public final class Timeline implements AutoCloseable {
  /** More than this nobody reads; each holds two events. */
  private static final int MOST = 20_000;

  private static final AtomicInteger TIMELINES = new AtomicInteger();
  private static final ThreadLocal<@Nullable Timeline> HERE = new ThreadLocal<>();
  private static final Mark NONE = () -> {};

  private final List<Launched> marks = new ArrayList<>();
  private final Map<CudaBackend, Origin> origins = new HashMap<>();
  private boolean closed;

  /**
   * A kernel that ran. Times are those of {@link System#nanoTime}.
   *
   * @param isReal whether it ran on a GPU, not on an emulated one, whose times say nothing
   * @param queued when the host began to queue it
   * @param returned when it was queued
   * @param begin when it began on the device
   * @param end when it ended there
   */
  public record Kernel(
      Device device,
      String name,
      boolean isReal,
      long queued,
      long returned,
      long begin,
      long end) {}

  /** A moment that host and device both know. */
  private record Origin(Event event, long nanos) {
    long nanos(Event later) {
      return nanos + Math.round(1e6 * later.millisSince(event));
    }
  }

  /** What is queued until it is closed. */
  interface Mark extends AutoCloseable {
    @Override
    void close();
  }

  /** A mark that is noted: an event before the kernel, and one after it. */
  private static final class Launched implements Mark {
    private final CudaBackend backend;
    private final String kernel;
    private final Event before;
    private final Event after;
    private final long queued;
    private long returned;

    Launched(CudaBackend backend, String kernel) {
      this.backend = backend;
      this.kernel = kernel;
      before = Event.timer(backend.context());
      after = Event.timer(backend.context());
      before.record(backend.stream());
      queued = System.nanoTime();
    }

    @Override
    public void close() {
      returned = System.nanoTime();
      after.record(backend.stream());
    }

    void release() {
      before.close();
      after.close();
    }

    Kernel ran(Origin origin) {
      return new Kernel(
          backend.device(),
          kernel,
          !backend.context().isEmulated(),
          queued,
          returned,
          origin.nanos(before),
          origin.nanos(after));
    }
  }

  private Timeline() {
    HERE.set(this);
    TIMELINES.incrementAndGet();
  }

  /** Begins to note what this thread queues, which no other timeline does. */
  public static Timeline start() {
    return new Timeline();
  }

  /** Notes a kernel that is about to be queued, if anybody asks. */
  static Mark mark(CudaBackend backend, String kernel) {
    Timeline timeline = TIMELINES.get() == 0 ? null : HERE.get();
    if (timeline == null || timeline.marks.size() >= MOST || Recording.isOn()) {
      return NONE;
    }
    timeline.origins.computeIfAbsent(backend, Timeline::origin);
    Launched mark = new Launched(backend, kernel);
    timeline.marks.add(mark);
    return mark;
  }

  private static Origin origin(CudaBackend backend) {
    Event event = Event.timer(backend.context());
    backend.stream().synchronize();
    event.record(backend.stream());
    event.synchronize();
    return new Origin(event, System.nanoTime());
  }

  /** Whether nothing was queued. */
  public boolean isEmpty() {
    return marks.isEmpty();
  }

  /** Waits until all that was noted is done. */
  public void synchronize() {
    origins.keySet().forEach(backend -> backend.stream().synchronize());
  }

  /** Forgets what was noted. */
  public void clear() {
    synchronize();
    marks.forEach(Launched::release);
    marks.clear();
  }

  /** What was noted, in the order in which it was queued; waits until it is done. */
  public List<Kernel> kernels() {
    synchronize();
    List<Kernel> kernels = new ArrayList<>();
    for (Launched mark : marks) {
      kernels.add(mark.ran(Objects.requireNonNull(origins.get(mark.backend))));
    }
    return kernels;
  }

  /** Notes no more, and gives the events back. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      clear();
      origins.values().forEach(origin -> origin.event.close());
      HERE.remove();
      TIMELINES.decrementAndGet();
    }
  }
}
