package org.adjoint.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A daemon thread that makes batches, in order, until so many wait to be taken. */
final class Prefetch implements AutoCloseable {
  private final Deque<Prepared> ready = new ArrayDeque<>();
  private final int most;
  private final Thread thread;
  private @Nullable Throwable failure;
  private boolean closed;

  /** Begins to make the batches {@code from} .. {@code to} − 1, and up to {@code most} ahead. */
  Prefetch(int from, int to, int most, IntFunction<Prepared> make) {
    this.most = most;
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("adjoint-prefetch")
            .start(() -> {
              try {
                for (int i = from; i < to && put(make.apply(i)); i++) {}
              } catch (Throwable e) { // for the one who waits
                fail(e);
              }
            });
  }

  /** Waits for room; false if nobody wants the batch any more. */
  private synchronized boolean put(Prepared batch) throws InterruptedException {
    while (ready.size() >= most && !closed) {
      wait();
    }
    if (closed) {
      batch.close();
      return false;
    }
    ready.add(batch);
    notifyAll();
    return true;
  }

  private synchronized void fail(Throwable e) {
    failure = e;
    notifyAll();
  }

  /** The next batch, which lives where the caller's tensors live. */
  Batch take() {
    try (Prepared made = await()) {
      return made.take();
    }
  }

  private synchronized Prepared await() {
    while (true) {
      Prepared first = ready.poll();
      if (first != null) {
        notifyAll();
        return first;
      }
      switch (failure) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case null -> {}
        default -> throw new IllegalStateException("loader: the thread was stopped", failure);
      }
      if (closed) {
        throw new IllegalStateException("loader: closed, or begun anew, in the middle of an epoch");
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("loader: interrupted while it waited for a batch", e);
      }
    }
  }

  /** Ends the thread, waits for it, and closes what nobody took. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      ready.forEach(Prepared::close);
      ready.clear();
    }
  }
}
