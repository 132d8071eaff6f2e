package org.adjoint.bench.kernels;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Result;
import org.adjoint.check.KernelTimer;
import org.adjoint.check.Outline;
import org.adjoint.check.Spread;
import org.adjoint.check.Timing;
import org.adjoint.check.Trial;
import org.adjoint.check.Trials;
import org.adjoint.op.Draw;
import org.adjoint.op.MatMul;
import org.adjoint.samples.cli.Devices;
import org.jspecify.annotations.Nullable;

/** Times units in this process. */
final class CaseTimer implements AutoCloseable {
  /** Rows and columns of the product that shows how fast a device multiplies. */
  private static final long PRODUCT = 4096;

  private final Device device;
  private final KernelTimer timer;
  private final KernelRows rows;
  private final @Nullable Beside peers;

  /**
   * On a device, by its name on the command line, which results give it as well.
   *
   * @param seconds how long samples are taken at most, cold and warm each
   * @param python the Python whose PyTorch is timed in turns with ours; empty if none is
   * @param notes hears in one line of what peers cannot do
   */
  CaseTimer(String name, double seconds, String python, Consumer<String> notes) {
    device = Devices.open(name);
    peers = python.isEmpty() ? null : Beside.of(python, notes);
    timer = KernelTimer.on(device, Duration.ofMillis((long) (1000 * seconds)));
    rows = new KernelRows(name, new Roofline(timer.isReal() ? measured() : Roofline.H100));
  }

  Ceilings ceilings() {
    return rows.roofline().ceilings();
  }

  /** A copy, and products by cuBLAS, as far as it is there. */
  private Ceilings measured() {
    Map<String, Double> rates = new HashMap<>();
    for (DType dtype : List.of(DType.F32, DType.F64, DType.BF16)) {
      Draw square = Draw.normal(PRODUCT, PRODUCT);
      try (Trials trials =
          timer.prepare(Family.spec("matmul"), dtype, new MatMul(), square, square)) {
        for (Trial trial : trials.all(name -> name.startsWith("cublas"))) {
          double median = new Spread(trial.round(20), false).median();
          rates.put(
              Roofline.math(trial.variant(), dtype), 2.0 * PRODUCT * PRODUCT * PRODUCT / median);
        }
      }
    }
    return new Ceilings(true, timer.copyRate(), rates);
  }

  /**
   * Checks and times a variant in those of its cases whose true sizes it takes, up to the first
   * that loses the device.
   */
  Unit.Answer time(Unit unit) {
    List<Unit.Row> found = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < unit.cases().size() && !timer.isLost(); i++) {
      KernelCase one = unit.cases().get(i);
      Outline whole = Outline.of(device, one.dtype(), one.whole().op(), one.whole().inputs());
      if (!whole.variants().contains(unit.variant())) {
        continue;
      }
      for (Timing timing :
          timer.time(one.spec(), one.dtype(), one.op(), unit.variant()::equals, one.draws())) {
        String problem = rows.problem(one, timing);
        if (problem == null) {
          found.add(new Unit.Row(i, row(one, timing, unit.variant().equals(whole.chosen()))));
        } else {
          failures.add(problem);
        }
      }
    }
    return new Unit.Answer(found, failures, timer.isLost());
  }

  private Result row(KernelCase one, Timing timing, boolean chosen) {
    return peers == null
        ? rows.row(one, timing, chosen, Map.of(), Map.of())
        : rows.row(one, timing, chosen, peers.ratios(timer, device, one, timing), peers.versions());
  }

  /** Whether a kernel's error has put an end to this process's use of the device. */
  boolean isLost() {
    return timer.isLost();
  }

  /** What is to be said of the run as a whole, in a line; or nothing. */
  String note() {
    return timer.isReal() ? timer.clockNote() : "";
  }

  @Override
  public void close() {
    if (peers != null) {
      peers.close();
    }
    if (!timer.isLost()) {
      timer.close();
    }
  }
}
