package org.adjoint.samples.cli;

import java.util.List;
import java.util.stream.LongStream;
import org.adjoint.check.DeviceCheck.Effort;
import org.jspecify.annotations.Nullable;

/**
 * How much of a device is checked.
 *
 * @param device as it is named on the command line
 * @param all whether as much as can be done in twenty minutes, or in one
 * @param seeds of the rounds
 */
record DeviceEffort(String device, boolean all, List<Long> seeds) {
  private static final int SCHEDULES = 2;
  private static final int ALL_SCHEDULES = 6;

  /**
   * By what the command line says.
   *
   * @param schedules number of rounds; null for as many as fit
   * @param seed of the only round; null for those from 1 on
   */
  static DeviceEffort of(
      String device, boolean all, @Nullable Integer schedules, @Nullable Long seed) {
    int rounds = schedules != null ? schedules : all ? ALL_SCHEDULES : SCHEDULES;
    return new DeviceEffort(
        device,
        all,
        seed != null ? List.of(seed) : LongStream.rangeClosed(1, rounds).boxed().toList());
  }

  /** The same for the harness; the device is open. */
  Effort effort() {
    // Whoever repeats one round wants all of it.
    double seconds = seeds.size() == 1 ? 600 : all ? 10 : 2;
    return new Effort(
        seeds, all ? 16 : 6, all ? 300_000 : 20_000, seconds, Devices.schedule(device));
  }

  /** What repeats one unit, in the round of a seed, or in all. */
  String command(DeviceUnit unit, @Nullable Long seed) {
    return "adjoint check"
        + (all ? " --all" : "")
        + " --device "
        + device
        + (seed != null ? " --seed " + seed : " --schedules " + seeds.size())
        + (unit.variant().isEmpty() ? "" : " --variant " + unit.variant())
        + " "
        + unit.op();
  }
}
