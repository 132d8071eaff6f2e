package org.adjoint.bench.kernels;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.adjoint.bench.Ceilings;
import org.adjoint.samples.cli.DeviceProcess;

/**
 * Times units in processes of their own, as many at a time as are wanted: a kernel that dies takes
 * its process's device with it, and one without an end can be stopped with its process only.
 *
 * @param arguments of {@link KernelWorker}
 * @param limit seconds that a unit may take
 * @param isOver whether no further unit is to be begun
 * @param left is given each unit that was not begun
 * @param found is given each unit's answer, one at a time
 */
record KernelRun(
    List<Unit> units,
    List<String> arguments,
    long limit,
    BooleanSupplier isOver,
    Consumer<Unit> left,
    BiConsumer<Unit, Unit.Answer> found) {

  /** Times all units; returns the ceilings of the device. */
  Ceilings inProcesses(int jobs) {
    AtomicInteger next = new AtomicInteger();
    List<Ceilings> ceilings = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(jobs);
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor()) {
      List<Future<Ceilings>> all = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        all.add(threads.submit(() -> work(next, watch)));
      }
      for (Future<Ceilings> job : all) {
        ceilings.add(job.get());
      }
      watch.shutdownNow();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a process that times cannot be started", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while processes timed", e);
    }
    return ceilings.getFirst();
  }

  private Ceilings work(AtomicInteger next, ScheduledExecutorService watch) throws IOException {
    DeviceProcess process = DeviceProcess.start(KernelWorker.class, arguments);
    Ceilings ceilings = greeting(process);
    boolean ended = false;
    for (int i = next.getAndIncrement(); i < units.size(); i = next.getAndIncrement()) {
      Unit unit = units.get(i);
      if (isOver.getAsBoolean()) {
        synchronized (found) {
          left.accept(unit);
        }
        continue;
      }
      if (ended) {
        process = DeviceProcess.start(KernelWorker.class, arguments);
        ceilings = greeting(process);
      }
      Unit.Answer answer =
          process.ask(Integer.toString(i), watch, Duration.ofSeconds(limit), KernelWorker::read);
      if (answer == null) {
        String failure =
            unit.op() + ", " + unit.variant() + ": no time and no counts: " + process.silence();
        answer = new Unit.Answer(List.of(), List.of(failure), true);
      }
      synchronized (found) {
        found.accept(unit, answer);
      }
      ended = answer.lost();
      if (ended) {
        process.end();
      }
    }
    if (!ended) {
      process.end();
    }
    return ceilings;
  }

  private static Ceilings greeting(DeviceProcess process) throws IOException {
    Ceilings ceilings = process.greeting(KernelWorker::readCeilings);
    if (ceilings == null) {
      throw new IOException("it ended before it began");
    }
    return ceilings;
  }
}
