package org.adjoint.bench.kernels;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.adjoint.bench.Ceilings;
import org.adjoint.check.ChildJvm;
import org.jspecify.annotations.Nullable;

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
    Worker worker = new Worker();
    for (int i = next.getAndIncrement(); i < units.size(); i = next.getAndIncrement()) {
      if (isOver.getAsBoolean()) {
        synchronized (found) {
          left.accept(units.get(i));
        }
        continue;
      }
      if (worker.ended) {
        worker = new Worker();
      }
      Process asked = worker.process;
      Future<?> late = watch.schedule(asked::destroyForcibly, limit, TimeUnit.SECONDS);
      Unit.Answer answer = worker.ask(i);
      boolean inTime = late.cancel(false);
      if (answer == null) {
        String why = inTime ? "its process died" : "took more than " + limit + " s";
        Unit unit = units.get(i);
        String failure = unit.op() + ", " + unit.variant() + ": no time and no counts: " + why;
        answer = new Unit.Answer(List.of(), List.of(failure), true);
      }
      synchronized (found) {
        found.accept(units.get(i), answer);
      }
      if (answer.lost()) {
        worker.end();
      }
    }
    worker.end();
    return worker.ceilings;
  }

  private final class Worker {
    final Process process;
    final BufferedReader answers;
    final Ceilings ceilings;
    boolean ended;

    Worker() throws IOException {
      process = start(arguments);
      answers = process.inputReader(StandardCharsets.UTF_8);
      Ceilings first = KernelWorker.readCeilings(answers);
      if (first == null) {
        throw new IOException("it ended before it began");
      }
      ceilings = first;
    }

    Unit.@Nullable Answer ask(int number) {
      try {
        var to = process.outputWriter(StandardCharsets.UTF_8);
        to.write(Integer.toString(number));
        to.newLine();
        to.flush();
        return KernelWorker.read(answers);
      } catch (IOException e) {
        return null; // the process is gone
      }
    }

    void end() throws IOException {
      if (ended) {
        return;
      }
      ended = true;
      try {
        process.outputWriter(StandardCharsets.UTF_8).close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
      }
    }
  }

  private static Process start(List<String> arguments) throws IOException {
    List<String> flags = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("adjoint.")) {
        flags.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    ProcessBuilder builder =
        ChildJvm.builder(flags, KernelWorker.class, arguments)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // References need no vectors, whose module would print a warning.
    builder.command().removeAll(List.of("--add-modules", "jdk.incubator.vector"));
    // What a kernel did is in the failure.
    builder.environment().put("ADJOINT_EMULATOR_QUIET", "1");
    return builder.start();
  }
}
