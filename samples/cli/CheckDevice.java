package org.adjoint.samples.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.op.OpSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code adjoint check} can be told about a device. */
final class CheckDevice {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = {
        "check what this device computes, by every variant, against the reference: cuda:0,",
        "or emulator, a GPU that g++ makes of this source; with --all at more shapes",
        "and under more schedules, for up to 25 minutes"
      })
  private @Nullable String device;

  @Option(
      names = "--train",
      paramLabel = "MODEL",
      description = "with --device: train lenet there, on the CPU, and in F64, and compare")
  private @Nullable String train;

  @Option(
      names = "--schedules",
      paramLabel = "N",
      description = {
        "with --device: go round N times; each round draws other shapes, and on the emulator",
        "an order of its own for the threads of every launch"
      })
  private @Nullable Integer schedules;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "with --device: only the round of this number")
  private @Nullable Long seed;

  @Option(
      names = "--variant",
      paramLabel = "NAME",
      description = "with --device: only variants of this name")
  private @Nullable String variant;

  @Option(
      names = "--sample",
      paramLabel = "SEED",
      description = "with --device: take the operations in an order that this number draws")
  private @Nullable Long sample;

  @Option(
      names = "--within",
      paramLabel = "SECONDS",
      description = "with --device: begin no further operation after so long")
  private @Nullable Long within;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description = "with --device: a variant that takes longer has failed; by default 300")
  private @Nullable Long limit;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = {
        "with --device: check in N processes at a time, or with 0 in this one, up to the first",
        "kernel that dies; by default 1, and on the emulator as many as there are processors"
      })
  private @Nullable Integer jobs;

  /** Whether a device is to be checked. */
  boolean isGiven() {
    boolean more =
        Stream.of(train, schedules, seed, variant, sample, within, limit, jobs)
            .anyMatch(option -> option != null);
    if (device == null && more) {
      throw new UserError("that option is for a --device, which is missing");
    }
    return device != null;
  }

  /**
   * Checks {@code ops} on the device, or trains there.
   *
   * @return whether nothing failed
   */
  boolean check(List<OpSpec> ops, boolean all, PrintWriter out) {
    String name = Objects.requireNonNull(device);
    Device there = Devices.open(name);
    if (train != null) {
      if (!train.equals("lenet")) {
        throw new UserError("--train takes lenet");
      }
      return new TrainCheck(out).run(there);
    }
    if (there.equals(Device.CPU)) {
      throw new UserError("the CPU is what others are checked against; check it without --device");
    }
    List<OpSpec> order = new ArrayList<>(ops);
    if (sample != null) {
      Collections.shuffle(order, new Random(sample));
    }
    List<DeviceUnit> units = DeviceUnit.of(order, variant);
    if (units.isEmpty()) {
      throw new UserError("no operation has a variant '" + variant + "'");
    }
    DeviceEffort effort = DeviceEffort.of(name, all, schedules, seed);
    DeviceRun run =
        new DeviceRun(effort, units, within == null ? null : Duration.ofSeconds(within), out);
    int processes = jobs != null ? jobs : processes(name);
    if (processes == 0) {
      run.here(there);
    } else {
      run.inProcesses(
          Math.min(processes, units.size()), Duration.ofSeconds(limit == null ? 300 : limit));
    }
    List<DeviceUnit> left = run.left();
    if (!left.isEmpty()) {
      out.printf(
          "%d of %d variants reached; not those of: %s%n",
          units.size() - left.size(),
          units.size(),
          left.stream().map(DeviceUnit::op).distinct().collect(Collectors.joining(" ")));
    }
    return run.foot();
  }

  private static int processes(String device) {
    return Devices.isEmulator(device) ? Runtime.getRuntime().availableProcessors() : 1;
  }
}
