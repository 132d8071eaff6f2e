package org.adjoint.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.autograd.Op;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.Governor;
import org.adjoint.backend.cuda.GpuClock;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;

/**
 * The time that the variants of an operation take on a GPU.
 *
 * <ol>
 *   <li>None is shown of a variant that has not just passed its checks, forward and gradient: on
 *       the examples of its spec, once, and on the very case before and after the timing, each time
 *       on other numbers and into memory full of NaN.
 *   <li>The numbers are random: a GPU is faster on zeros.
 *   <li>Cold is a single launch that finds nothing in the second-level cache; warm is one of many
 *       launches, back to back. Both are timed by events, after a warm-up.
 *   <li>Samples are taken until the median is known within 0.5 %, or to a cap; {@link Spread} says
 *       which. Those that a GPU too hot slowed down are {@linkplain GpuClock dropped}.
 *   <li>A copy within the device is timed in the same way, and what a kernel must read and write at
 *       least is set beside it.
 * </ol>
 *
 * <p>An emulated GPU gives no times, but counts. Who wants to time something else in turns with a
 * variant {@linkplain #prepare prepares} the case and goes in rounds.
 */
public final class KernelTimer implements AutoCloseable {
  private static final long MOST_ELEMENTS = 1L << 30;

  private final Device device;
  private final GpuClock clock;
  private final Duration cap;
  private final boolean timing;
  private final Map<Proved, Tally> proofs = new HashMap<>();
  private double copy;

  /** What is checked on the examples of a spec. */
  private record Proved(OpSpec spec, String variant) {}

  private KernelTimer(Device device, Duration cap, boolean rehearsal) {
    this.device = device;
    this.cap = cap;
    clock = GpuClock.of(device);
    timing = rehearsal || clock.isReal();
  }

  /** A timer that takes samples for two seconds at most, cold and warm each. */
  public static KernelTimer on(Device device) {
    return on(device, Duration.ofSeconds(2));
  }

  /** A timer that takes samples for so long at most, cold and warm each. */
  public static KernelTimer on(Device device, Duration cap) {
    return new KernelTimer(device, cap, false);
  }

  /** One for tests of itself, which times an emulated GPU as if it were one. */
  static KernelTimer rehearsal(Device device, Duration cap) {
    return new KernelTimer(device, cap, true);
  }

  /** Whether it shows times; else, on an emulated GPU, it counts. */
  public boolean isReal() {
    return timing;
  }

  /**
   * Times every variant that takes such inputs.
   *
   * @param spec of the operation: how exact it must be, and where else it is checked
   * @param inputs drawn at random
   * @throws IllegalArgumentException if the reference, which runs on the CPU, would take too long
   */
  public List<Timing> time(OpSpec spec, DType dtype, Op op, Draw... inputs) {
    return time(spec, dtype, op, _ -> true, inputs);
  }

  /** The same of variants of some names. */
  public List<Timing> time(
      OpSpec spec, DType dtype, Op op, Predicate<String> variants, Draw... inputs) {
    List<Timing> timings = new ArrayList<>();
    try (Trials trials = prepare(spec, dtype, op, inputs)) {
      for (Trial trial : trials.all(variants)) {
        if (trial.check("before") && isReal()) {
          trial.settle(cap);
          trial.check("after");
        }
        timings.add(trial.timing());
      }
    }
    return timings;
  }

  /**
   * Makes inputs on the device, for the variants that take them to be timed in rounds.
   *
   * @throws IllegalArgumentException if the reference, which runs on the CPU, would take too long
   */
  public Trials prepare(OpSpec spec, DType dtype, Op op, Draw... inputs) {
    for (Draw draw : inputs) {
      if (draw.shape().count() > MOST_ELEMENTS) {
        throw new IllegalArgumentException(
            "timer: %s: %s has more elements than the reference can be asked for, %,d"
                .formatted(op.name(), draw.shape(), MOST_ELEMENTS));
      }
    }
    return new Trials(this, spec, dtype, op, inputs);
  }

  /** Bytes that a copy within the device reads and writes in a second; measured once. */
  public double copyRate() {
    if (copy == 0 && isReal()) {
      clock.time(clock::copy);
      copy = clock.copied() / Spread.sample(() -> clock.time(clock::copy).device(), cap).median();
    }
    return copy;
  }

  /** Whether a kernel's error has put an end to this process's use of the device. */
  public boolean isLost() {
    return CudaBackend.of(device).isLost();
  }

  /** What became of the clock rate, in a line. */
  public String clockNote() {
    Governor governor = clock.governor();
    return governor == null
        ? "the clock rate is not known, for want of NVML: samples of a GPU too hot were kept"
        : "clock %,d MHz now; %,d samples dropped since the GPU was slowed down, %,d kept"
            .formatted(governor.megahertz(), clock.dropped(), clock.slow());
  }

  /** What a variant comes to on the examples of its spec; found out once. */
  Tally proof(OpSpec spec, Variant variant) {
    return proofs.computeIfAbsent(
        new Proved(spec, variant.name()), _ -> DeviceCheck.of(spec, device, variant));
  }

  Device device() {
    return device;
  }

  GpuClock clock() {
    return clock;
  }

  @Override
  public void close() {
    clock.close();
  }
}
