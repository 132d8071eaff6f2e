package org.adjoint.samples.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Numbered units of work on a device, taken in their order, in this process or in some at a time.
 * An error within a kernel ends a process's use of its GPU, as CUDA has it, and a kernel without an
 * end cannot be stopped but with its process: so the next unit gets a fresh one, and a bad kernel
 * costs one failure, not all that would come after it.
 *
 * @param <A> the answer to a unit
 */
public abstract class DeviceQueue<A> {
  private final int count;
  private final long start = System.nanoTime();
  private final long nanos;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * Of {@code count} units, from 0 on.
   *
   * @param within how long units may be begun; null for as long as it takes
   */
  protected DeviceQueue(int count, @Nullable Duration within) {
    this.count = count;
    nanos = within == null ? Long.MAX_VALUE : within.toNanos();
  }

  /** A process that is ready for a unit. */
  protected abstract DeviceProcess start() throws IOException;

  /** What tells a process to do a unit. */
  protected abstract String line(int unit);

  /** What a process says of it; null if that ended before. */
  protected abstract @Nullable A read(BufferedReader from) throws IOException;

  /** The answer in the place of a process that ended before. */
  protected abstract A silence(int unit, String why);

  /** Whether a process that gave such an answer can use the device no more. */
  protected abstract boolean isLost(A answer);

  /** Hears of the answer to a unit; called by several threads, one at a time. */
  protected abstract void take(int unit, A answer);

  /** Has all units done by {@code jobs} processes at a time, each unit within {@code limit}. */
  public final void inProcesses(int jobs, Duration limit) {
    try (ExecutorService threads = Executors.newFixedThreadPool(jobs)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        all.add(
            threads.submit(() -> {
              work(limit);
              return null;
            }));
      }
      for (Future<?> job : all) {
        job.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process for the device cannot be started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while processes were at work", e);
    }
  }

  private void work(Duration limit) throws IOException {
    DeviceProcess process = null;
    for (int unit = begin(); unit < count; unit = begin()) {
      if (process == null) {
        process = start();
      }
      A answer = process.ask(line(unit), limit, this::read);
      if (answer == null) {
        answer = silence(unit, process.silence());
      }
      tell(unit, answer);
      if (isLost(answer)) {
        process.end();
        process = null;
      }
    }
    if (process != null) {
      process.end();
    }
  }

  /** Does all units in this process, up to the first that loses the device. */
  protected final void here(IntFunction<A> work) {
    for (int unit = begin(); unit < count; unit = begin()) {
      A answer = work.apply(unit);
      tell(unit, answer);
      if (isLost(answer)) {
        break;
      }
    }
  }

  /** The number of the next unit; {@code count} if there is none, or no time for it. */
  private int begin() {
    return System.nanoTime() - start < nanos
        ? next.getAndUpdate(unit -> Math.min(unit + 1, count))
        : count;
  }

  private synchronized void tell(int unit, A answer) {
    take(unit, answer);
  }

  /** How many units were begun: those from this number on are left. */
  public final int begun() {
    return next.get();
  }
}
