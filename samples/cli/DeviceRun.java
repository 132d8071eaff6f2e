package org.adjoint.samples.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.adjoint.Device;
import org.adjoint.check.DeviceCheck;
import org.jspecify.annotations.Nullable;

/** Checks units, and prints what came of them. */
final class DeviceRun extends DeviceQueue<DeviceAnswer> {
  private final DeviceEffort effort;
  private final List<DeviceUnit> units;
  private final UnitTable table;

  /**
   * Of {@code units}, in their order.
   *
   * @param within how long units may be begun; null for as long as it takes
   */
  DeviceRun(
      DeviceEffort effort, List<DeviceUnit> units, @Nullable Duration within, PrintWriter out) {
    super(units.size(), within);
    this.effort = effort;
    this.units = units;
    table = new UnitTable(out);
  }

  /** Checks them in this process, up to the first that loses the device. */
  void here(Device device) {
    DeviceCheck.Effort tried = effort.effort();
    here(unit -> DeviceWorker.check(units.get(unit), device, tried, effort));
  }

  @Override
  protected DeviceProcess start() throws IOException {
    return DeviceProcess.start(DeviceWorker.class, DeviceWorker.arguments(effort));
  }

  @Override
  protected String line(int unit) {
    return DeviceWorker.line(units.get(unit));
  }

  @Override
  protected @Nullable DeviceAnswer read(BufferedReader from) throws IOException {
    return DeviceAnswer.read(from);
  }

  @Override
  protected DeviceAnswer silence(int unit, String why) {
    return DeviceAnswer.silence(units.get(unit), why, effort);
  }

  @Override
  protected boolean isLost(DeviceAnswer answer) {
    return answer.lost();
  }

  @Override
  protected void take(int unit, DeviceAnswer answer) {
    table.add(unit, answer);
  }

  /** Those that were not reached. */
  List<DeviceUnit> left() {
    return units.subList(begun(), units.size());
  }

  /** Prints what all came to; true if nothing failed. */
  boolean foot() {
    return table.foot(effort.device());
  }
}
