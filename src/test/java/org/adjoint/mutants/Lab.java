package org.adjoint.mutants;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.mutants.Family.Kernel;

/** The emulated GPU, with kernels that hold all their mutants. */
final class Lab {
  /** CPU time of a launch where nothing is mutated. */
  private static final double ANY = 60;

  private final EmulatedDevice device;
  private final Switches switches;
  private final int sites;
  private final Runnable settle;

  /**
   * A lab.
   *
   * @param sites of the family that has most
   * @param settle called after a mutant: what it left for somebody to be told of is told now
   */
  Lab(EmulatedDevice device, int sites, Runnable settle) {
    this.device = device;
    this.settle = settle;
    this.sites = sites;
    switches = new Switches(device);
    device.quiet(true);
  }

  /**
   * Runs the trials that are not in {@code coverage} with no mutant on; all must pass.
   *
   * @param isOver whether there is no time for another
   */
  void survey(List<Trial> trials, Coverage coverage, BooleanSupplier isOver) {
    List<String> failures = new ArrayList<>();
    for (Trial trial : trials) {
      if (coverage.has(trial) || isOver.getAsBoolean()) {
        continue;
      }
      switches.forget();
      long start = System.nanoTime();
      String failure = unmutated(trial);
      long nanos = System.nanoTime() - start;
      if (failure.isEmpty()) {
        coverage.add(trial, new Coverage.Footprint(nanos, switches.seen(sites)));
      } else {
        failures.add(failure);
      }
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(
          failures.size() + " checks fail without a mutant: " + String.join("; ", failures));
    }
  }

  /** Runs a trial with no mutant on. */
  void mustPass(Trial trial) {
    String failure = unmutated(trial);
    if (!failure.isEmpty()) {
      throw new IllegalStateException(failure);
    }
  }

  private String unmutated(Trial trial) {
    settle.run(); // a reset drops what is queued
    switches.reset();
    switches.off();
    device.seconds(ANY);
    String failure = run(trial);
    return failure.isEmpty()
        ? ""
        : trial.name() + " fails without a mutant: " + failure.replaceAll("\\s+", " ");
  }

  /** Runs a trial with a mutant on, and says what failed. */
  String mutated(Kernel kernel, Site site, Trial trial, double seconds) {
    switches.reset();
    device.seconds(seconds);
    switches.on(kernel.definition().entries(), site.id());
    try {
      String failure = run(trial);
      String report = device.report();
      return report.isEmpty() ? failure : report;
    } finally {
      switches.off();
      device.seconds(ANY);
      settle.run();
      switches.reset();
      settle.run();
    }
  }

  private static String run(Trial trial) {
    try {
      return trial.run().get();
    } catch (RuntimeException | LinkageError | AssertionError e) {
      return "threw " + e;
    }
  }
}
