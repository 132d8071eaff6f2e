package org.adjoint.backend.cpu;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Loops whose turns run on several threads. Internal to the backends.
 *
 * <p>A loop is a number of turns and a body. The calling thread and T − 1 daemon threads each take
 * the next turn that nobody has taken until none is left; a thread without work sleeps. But first
 * it looks out for work for about as long as to be woken takes: so it never loses more than twice
 * what the better choice would have cost (Karlin et al., Competitive snoopy caching, 1988). Which
 * thread runs which turn is a matter of chance, so a body must write only what belongs to its turn.
 * Then the result cannot depend on T. A sum over turns is stored turn by turn and added afterwards,
 * in order.
 *
 * <p>T is the system property {@code adjoint.threads}, or else the number of processors. Inside a
 * turn T is 1: a loop within a loop runs on the thread it finds itself on.
 */
public final class Parallel {
  /** The body of a loop over chunks: handles the elements {@code from .. to − 1}. */
  @FunctionalInterface
  public interface RangeBody {
    void run(long from, long to);
  }

  private static final int DEFAULT =
      Math.max(
          1, Integer.getInteger("adjoint.threads", Runtime.getRuntime().availableProcessors()));

  /** How many threads a loop may use here, where that is not the default. */
  private static final ScopedValue<Integer> THREADS = ScopedValue.newInstance();

  /** What it takes a thread to sleep and be woken, about, in ns. */
  private static final long WAKING = 50_000;

  private static final ThreadPoolExecutor HELPERS = newPool();

  private Parallel() {}

  /** The number of threads that a loop started here would use. */
  public static int threads() {
    return THREADS.isBound() ? THREADS.get() : DEFAULT;
  }

  /** Runs {@code action} with loops on {@code threads} threads. */
  public static void withThreads(int threads, Runnable action) {
    callWithThreads(
        threads,
        () -> {
          action.run();
          return 0;
        });
  }

  /** Runs {@code action} with loops on {@code threads} threads and returns its result. */
  public static <R> R callWithThreads(int threads, Callable<R> action) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " is less than 1");
    }
    synchronized (HELPERS) {
      HELPERS.setCorePoolSize(Math.max(HELPERS.getCorePoolSize(), threads - 1));
    }
    try {
      return ScopedValue.where(THREADS, threads).call(action::call);
    } catch (Throwable e) {
      throw asItIs(e);
    }
  }

  /** Runs {@code body} for 0 .. n − 1, in any order. */
  public static void forRange(int n, IntConsumer body) {
    int threads = n <= 1 ? n : Math.min(threads(), n);
    if (threads <= 1) {
      for (int i = 0; i < n; i++) {
        body.accept(i);
      }
      return;
    }
    Loop loop = new Loop(n, body);
    for (int i = 1; i < threads; i++) {
      HELPERS.execute(loop);
    }
    loop.run();
    loop.await();
  }

  /**
   * Cuts 0 .. n − 1 into chunks of {@code grain} (the last may be shorter) and runs {@code body}
   * for each, in any order. Where the cuts lie depends on n and grain alone.
   */
  public static void forRange(long n, long grain, RangeBody body) {
    if (n < 0 || grain < 1) {
      throw new IllegalArgumentException("forRange: n = " + n + ", grain = " + grain);
    }
    int chunks = Math.toIntExact(n / grain + (n % grain == 0 ? 0 : 1));
    forRange(
        chunks,
        i -> {
          long from = i * grain;
          body.run(from, from + Math.min(grain, n - from));
        });
  }

  /** One loop: what its threads share. */
  private static final class Loop implements Runnable {
    private final int n;
    private final IntConsumer body;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch left;
    private volatile @Nullable Throwable failure;

    Loop(int n, IntConsumer body) {
      this.n = n;
      this.body = body;
      this.left = new CountDownLatch(n);
    }

    /** Takes turns until none is left; every helper does this, and so does the caller. */
    @Override
    public void run() {
      if (next.get() < n) {
        ScopedValue.where(THREADS, 1).run(this::takeTurns);
      }
    }

    private void takeTurns() {
      for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
        try {
          if (failure == null) {
            body.accept(i);
          }
        } catch (Throwable e) {
          failure = e;
        } finally {
          left.countDown();
        }
      }
    }

    /** Waits for turns that helpers still run; an interrupt is kept for whoever asks for it. */
    void await() {
      boolean interrupted = false;
      long end = System.nanoTime() + WAKING;
      while (left.getCount() > 0 && System.nanoTime() - end < 0) {
        Thread.onSpinWait();
      }
      while (true) {
        try {
          left.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (failure != null) {
        throw asItIs(failure);
      }
    }
  }

  /** Loops that wait for helpers. */
  private static final class Queue extends LinkedBlockingQueue<Runnable> {
    @Override
    public Runnable take() throws InterruptedException {
      Runnable loop = lookOut();
      return loop != null ? loop : super.take();
    }

    @Override
    public @Nullable Runnable poll(long timeout, TimeUnit unit) throws InterruptedException {
      Runnable loop = lookOut();
      return loop != null ? loop : super.poll(timeout, unit);
    }

    private @Nullable Runnable lookOut() {
      long end = System.nanoTime() + WAKING;
      Runnable loop = poll();
      while (loop == null && System.nanoTime() - end < 0) {
        Thread.onSpinWait();
        loop = poll();
      }
      return loop;
    }
  }

  private static ThreadPoolExecutor newPool() {
    int helpers = DEFAULT - 1;
    return new ThreadPoolExecutor(
        helpers,
        Integer.MAX_VALUE,
        1,
        TimeUnit.MINUTES,
        new Queue(),
        Thread.ofPlatform().daemon().name("adjoint-", 1).factory());
  }

  /** Throws {@code e} unwrapped, whatever its type. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException asItIs(Throwable e) throws E {
    throw (E) e;
  }
}
