package org.adjoint.bench.kernels;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.adjoint.bench.Ceilings;
import org.adjoint.samples.cli.DeviceProcess;
import org.adjoint.samples.cli.DeviceQueue;
import org.jspecify.annotations.Nullable;

/** Times units, and prints what came of them. */
final class KernelRun extends DeviceQueue<Unit.Answer> {
  private final List<Unit> units;
  private final List<String> arguments;
  private final KernelTable table;
  private final Runnable keep;
  private volatile @Nullable Ceilings ceilings;

  /**
   * Of {@code units}, in their order.
   *
   * @param within how long units may be begun; null for as long as it takes
   * @param arguments of {@link KernelWorker}
   * @param keep is run whenever the table has one more answer
   */
  KernelRun(
      List<Unit> units,
      @Nullable Duration within,
      List<String> arguments,
      KernelTable table,
      Runnable keep) {
    super(units.size(), within);
    this.units = units;
    this.arguments = arguments;
    this.table = table;
    this.keep = keep;
  }

  /** Times them in this process, up to the first that loses the device. */
  void here(CaseTimer timer) {
    ceilings = timer.ceilings();
    here(unit -> timer.time(units.get(unit)));
  }

  /** Those of the device; null if no unit was begun. */
  @Nullable Ceilings ceilings() {
    return ceilings;
  }

  @Override
  protected DeviceProcess start() throws IOException {
    DeviceProcess process = DeviceProcess.start(KernelWorker.class, arguments);
    Ceilings greeting = process.greeting(KernelWorker::readCeilings);
    if (greeting == null) {
      throw new IOException("it ended before it began");
    }
    ceilings = greeting;
    return process;
  }

  @Override
  protected String line(int unit) {
    return Integer.toString(unit);
  }

  @Override
  protected Unit.@Nullable Answer read(BufferedReader from) throws IOException {
    return KernelWorker.read(from);
  }

  @Override
  protected Unit.Answer silence(int unit, String why) {
    Unit of = units.get(unit);
    String failure = of.op() + ", " + of.variant() + ": no time and no counts: " + why;
    return new Unit.Answer(List.of(), List.of(failure), true);
  }

  @Override
  protected boolean isLost(Unit.Answer answer) {
    return answer.lost();
  }

  @Override
  protected void take(int unit, Unit.Answer answer) {
    table.add(unit, answer);
    keep.run();
  }
}
