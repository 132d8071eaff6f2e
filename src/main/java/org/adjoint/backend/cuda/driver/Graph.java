package org.adjoint.backend.cuda.driver;

/** Work that was recorded once, and is launched again and again by one call. */
public final class Graph implements AutoCloseable {
  /**
   * Records what {@code work} queues on {@code stream}, without doing it.
   *
   * <p>The mode is thread-local: what may not happen inside a capture, above all allocating memory,
   * is an error on this thread, while other threads (a loader that pins memory) go on undisturbed.
   */
  public static Graph capture(Stream stream, Runnable work) {
    throw new UnsupportedOperationException();
  }

  /** Queues all of it on {@code stream}. */
  public void launch(Stream stream) {
    throw new UnsupportedOperationException();
  }

  /** Destroys it; no launch of it may be in flight. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
