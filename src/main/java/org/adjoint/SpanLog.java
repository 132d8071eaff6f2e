package org.adjoint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.adjoint.Span.Part;
import org.jspecify.annotations.Nullable;

/**
 * Notes the {@linkplain Span spans} of one thread, the one that made it, while it is told to;
 * {@code org.adjoint.profile} makes of them what people read. A thread has one log at a time.
 */
public class SpanLog implements AutoCloseable {
  /** More than this nobody reads, and no viewer shows quickly. */
  private static final int MOST = 50_000;

  /** All that a mark looks at where nobody notes anything. */
  private static final AtomicInteger LOGS = new AtomicInteger();

  private static final ThreadLocal<@Nullable SpanLog> HERE = new ThreadLocal<>();

  private final Thread thread = Thread.currentThread();
  private final List<Span> spans = new ArrayList<>();
  private @Nullable Span innermost;
  private long own;

  /** What there was before the last {@link #begin}. */
  private int first;

  private long ownBefore;
  private boolean full;
  private boolean closed;

  /**
   * A log of this thread, which notes nothing yet.
   *
   * @throws IllegalStateException if this thread has one already
   */
  protected SpanLog() {
    if (HERE.get() != null) {
      throw new IllegalStateException(
          "profile: this thread is being profiled already; close that profile first");
    }
    HERE.set(this);
    LOGS.incrementAndGet();
  }

  /** Where spans of this thread are to be noted, or null. */
  static @Nullable SpanLog ofThread() {
    if (LOGS.get() == 0) {
      return null;
    }
    SpanLog log = HERE.get();
    return log == null || log.innermost == null ? null : log;
  }

  /** An optimiser has taken a step on this thread, whether or not spans are being noted. */
  public static void stepTaken() {
    SpanLog log = LOGS.get() == 0 ? null : HERE.get();
    if (log != null) {
      log.onStep();
    }
  }

  /** Is called after each step of an optimiser. */
  protected void onStep() {}

  /** Begins to note, in a span that is the whole of what follows. */
  protected final void begin(String name) {
    if (innermost == null && !full) {
      first = spans.size();
      ownBefore = own;
      open(Part.STEP, name, _ -> {});
    }
  }

  /** Ends all that is open, and notes no more until the next {@link #begin}. */
  protected final void end() {
    Span whole = innermost;
    while (whole != null && whole.outer().isPresent()) {
      whole = whole.outer().get();
    }
    if (whole != null) {
      close(whole);
    }
  }

  /** Forgets what was noted since the last {@link #begin}. */
  protected final void drop() {
    end();
    spans.subList(first, spans.size()).clear();
    own = ownBefore;
    full = false;
  }

  @Nullable Span innermost() {
    return innermost;
  }

  Span open(Part part, String name, Consumer<Span> more) {
    long asked = System.nanoTime();
    Span span = new Span(this, part, name);
    Span outer = innermost;
    more.accept(span);
    span.locate();
    innermost = span;
    spans.add(span);
    long now = System.nanoTime();
    span.begin(now);
    noting(outer, now - asked);
    return span;
  }

  /** Closes what is open down to {@code last}; spans close out of turn only where a step ends. */
  void close(Span last) {
    long now = System.nanoTime();
    boolean done = false;
    for (Span span = innermost; span != null && !done; span = innermost) {
      span.end(now);
      innermost = span.outer().orElse(null);
      if (innermost != null) {
        innermost.inner += span.nanos();
      }
      done = span.equals(last);
    }
    noting(innermost, System.nanoTime() - now);
    if (spans.size() >= MOST && innermost != null) {
      full = true;
      end();
    }
  }

  /** What noting takes is the time of no span. */
  private void noting(@Nullable Span span, long nanos) {
    if (span != null) {
      span.inner += nanos;
      own += nanos;
    }
  }

  /** All that was noted, in the order in which it began. */
  public final List<Span> spans() {
    return Collections.unmodifiableList(spans);
  }

  /** Nanoseconds that noting took, within what was noted. */
  public final long overhead() {
    return own;
  }

  /** Whether there was more than is noted. */
  public final boolean isCutShort() {
    return full;
  }

  /**
   * Ends it: the thread may be profiled anew.
   *
   * @throws IllegalStateException on another thread
   */
  @Override
  public void close() {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("profile: it belongs to thread " + thread.getName());
    }
    if (!closed) {
      closed = true;
      end();
      HERE.remove();
      LOGS.decrementAndGet();
    }
  }
}
