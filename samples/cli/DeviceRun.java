package org.adjoint.samples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.adjoint.Device;
import org.adjoint.check.DeviceCheck;
import org.jspecify.annotations.Nullable;

/**
 * Checks units in processes of their own. An error within a kernel ends a process's use of its GPU,
 * as CUDA has it, and a kernel without an end cannot be stopped but with its process: so the next
 * unit gets a fresh one, and a bad kernel costs one failure, not all that would come after it.
 */
final class DeviceRun {
  private final DeviceEffort effort;
  private final List<DeviceUnit> units;
  private final UnitTable table;
  private final AtomicInteger next = new AtomicInteger();
  private final long end;

  /**
   * Of {@code units}, in their order.
   *
   * @param within how long units may be begun; null for as long as it takes
   */
  DeviceRun(
      DeviceEffort effort, List<DeviceUnit> units, @Nullable Duration within, PrintWriter out) {
    this.effort = effort;
    this.units = units;
    table = new UnitTable(out);
    end = System.nanoTime() + (within == null ? Long.MAX_VALUE / 2 : within.toNanos());
  }

  /**
   * Checks them in {@code jobs} processes at a time.
   *
   * @param limit that a unit may take
   * @return those that were not reached
   */
  List<DeviceUnit> inProcesses(int jobs, Duration limit) {
    try (ExecutorService threads = Executors.newFixedThreadPool(jobs);
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        all.add(
            threads.submit(() -> {
              work(watch, limit);
              return null;
            }));
      }
      for (Future<?> job : all) {
        job.get();
      }
      watch.shutdownNow();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process that checks cannot be started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while processes checked", e);
    }
    return left();
  }

  /** Checks them in this process, up to the first that loses the device. */
  List<DeviceUnit> here(Device device) {
    DeviceCheck.Effort tried = effort.effort();
    for (int i = begin(); i >= 0; i = begin()) {
      DeviceAnswer answer = DeviceWorker.check(units.get(i), device, tried, effort);
      table.add(i, answer);
      if (answer.lost()) {
        break;
      }
    }
    return left();
  }

  /** Prints what all came to; true if nothing failed. */
  boolean foot() {
    return table.foot(effort.device());
  }

  /** The number of the next unit; −1 if there is none, or no time for it. */
  private int begin() {
    return System.nanoTime() < end && next.get() < units.size() ? taken() : -1;
  }

  private int taken() {
    int number = next.getAndIncrement();
    return number < units.size() ? number : -1;
  }

  private List<DeviceUnit> left() {
    return units.subList(Math.min(next.get(), units.size()), units.size());
  }

  private void work(ScheduledExecutorService watch, Duration limit) throws IOException {
    DeviceProcess process = null;
    for (int i = begin(); i >= 0; i = begin()) {
      if (process == null) {
        process = DeviceProcess.start(DeviceWorker.class, DeviceWorker.arguments(effort));
      }
      DeviceUnit unit = units.get(i);
      DeviceAnswer answer = process.ask(DeviceWorker.line(unit), watch, limit, DeviceAnswer::read);
      if (answer == null) {
        answer = DeviceAnswer.silence(unit, process.silence(), effort);
      }
      table.add(i, answer);
      if (answer.lost()) {
        process.end();
        process = null;
      }
    }
    if (process != null) {
      process.end();
    }
  }

  /** The names of operations, each once. */
  static String names(List<DeviceUnit> units) {
    return units.stream().map(DeviceUnit::op).distinct().collect(Collectors.joining(" "));
  }
}
