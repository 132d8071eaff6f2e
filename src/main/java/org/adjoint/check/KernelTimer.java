package org.adjoint.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.GpuClock;
import org.adjoint.backend.cuda.LaunchCounter.Counts;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * The time that the variants of an operation take on a GPU.
 *
 * <ol>
 *   <li>None is shown of a variant that has not just passed its checks, forward and gradient: on
 *       the examples of its spec, and on the very case before and after the timing, each time on
 *       other numbers and into memory full of NaN.
 *   <li>The numbers are random: a GPU is faster on zeros.
 *   <li>Cold is a single launch that finds nothing in the second-level cache; warm is one of many
 *       launches, back to back. Both are timed by events, after a warm-up.
 *   <li>Samples are taken until the median is known within 0.5 %, or to a cap; {@link Spread} says
 *       which.
 *   <li>A copy within the device is timed in the same way, and what a kernel must read and write at
 *       least is set beside it.
 * </ol>
 *
 * <p>An emulated GPU gives no times, but counts. The clock rate is not looked at: compare what was
 * timed in one run, in turns.
 */
public final class KernelTimer implements AutoCloseable {
  private static final double WARM_UP = 0.05;

  /** Seconds of a warm sample: long beside what an event takes. */
  private static final double WARM_SAMPLE = 1e-3;

  private static final int MOST_LAUNCHES = 1000;

  /** If queueing takes this share of the time, the device waits for the host. */
  private static final double WAITING = 0.8;

  private static final long MOST_ELEMENTS = 1L << 30;

  private final Device device;
  private final CudaBackend backend;
  private final GpuClock clock;
  private final Duration cap;
  private final boolean timing;
  private double copy;

  private KernelTimer(Device device, Duration cap, boolean rehearsal) {
    this.device = device;
    this.cap = cap;
    clock = GpuClock.of(device);
    backend = CudaBackend.of(device);
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
    for (Draw draw : inputs) {
      if (draw.shape().count() > MOST_ELEMENTS) {
        throw new IllegalArgumentException(
            "timer: %s: %s has more elements than the reference can be asked for, %,d"
                .formatted(op.name(), draw.shape(), MOST_ELEMENTS));
      }
    }
    List<Timing> timings = new ArrayList<>();
    for (Variant variant : Variants.of(op)) {
      try (Scope _ = Scope.open()) {
        Case one = new Case(spec, variant, dtype, op, inputs);
        if (one.isSupported()) {
          timings.add(one.time());
        }
      }
    }
    return timings;
  }

  /** Bytes that a copy within the device reads and writes in a second; measured once. */
  public double copyRate() {
    if (copy == 0 && isReal()) {
      clock.time(clock::copy);
      copy = clock.copied() / Spread.sample(() -> clock.time(clock::copy).device(), cap).median();
    }
    return copy;
  }

  @Override
  public void close() {
    clock.close();
  }

  /** One variant, on operands that lie on the device. */
  private final class Case {
    private final OpSpec spec;
    private final Variant variant;
    private final DType dtype;
    private final Op op;
    private final Draw[] draws;
    private final Meta[] given;
    private final Meta[] results;
    private final Operand[] in;
    private final Operand[] out;
    private boolean queued;

    Case(OpSpec spec, Variant variant, DType dtype, Op op, Draw... draws) {
      this.spec = spec;
      this.variant = variant;
      this.dtype = dtype;
      this.op = op;
      this.draws = draws;
      Tensor[] x =
          Grad.off(() ->
              Arrays.stream(Inputs.fair(Example.of(op, draws)).tensors(dtype))
                  .map(tensor -> tensor.to(device))
                  .toArray(Tensor[]::new));
      given = Arrays.stream(x).map(Tensor::meta).toArray(Meta[]::new);
      results = op.infer(given);
      in = operands(x);
      out = operands(Arrays.stream(results).map(Tensor::zeros).toArray(Tensor[]::new));
    }

    private static Operand[] operands(Tensor... tensors) {
      return Arrays.stream(tensors)
          .map(x -> new Operand(x.storage(), Layout.contiguous(x.shape())))
          .toArray(Operand[]::new);
    }

    boolean isSupported() {
      return variant.supports().test(in, out);
    }

    Timing time() {
      Tally tally = DeviceCheck.of(spec, device, variant);
      check("before", tally);
      Spread cold = null;
      Spread warm = null;
      if (tally.failures().isEmpty() && isReal()) {
        warmUp();
        cold = Spread.sample(() -> clock.timeCold(() -> launch(1)).device(), cap);
        int many = launches(cold.median());
        warm = Spread.sample(() -> warm(many), cap);
        check("after", tally);
      }
      boolean good = tally.failures().isEmpty();
      return new Timing(
          op.name(),
          variant.name(),
          dtype,
          Arrays.stream(draws).map(d -> d.shape().toString()).collect(Collectors.joining(" ")),
          op.bytes(given, results),
          op.flop(given, results),
          good ? warm : null,
          good ? cold : null,
          copyRate(),
          queued,
          tally.worst(),
          good ? counts() : null,
          tally.failures());
    }

    private @Nullable Counts counts() {
      boolean before = backend.poison(false);
      try {
        return clock.count(() -> launch(1), spec.broadcast(in));
      } finally {
        backend.poison(before);
      }
    }

    /** On numbers of their own, into memory full of NaN. */
    private void check(String when, Tally tally) {
      boolean before = backend.poison(true);
      try {
        Example drawn = Example.of(op, draws);
        Example example = new Example(drawn.label() + " " + when, op, drawn.call(), drawn.inputs());
        CaseCheck.run(spec, device, variant, example, dtype, tally);
      } finally {
        backend.poison(before);
      }
    }

    private void warmUp() {
      long start = System.nanoTime();
      do {
        clock.time(() -> launch(1));
      } while ((System.nanoTime() - start) * 1e-9 < WARM_UP);
    }

    private static int launches(double seconds) {
      return Math.clamp((long) (WARM_SAMPLE / seconds), 1, MOST_LAUNCHES);
    }

    private double warm(int many) {
      GpuClock.Sample sample = clock.time(() -> launch(many));
      queued |= sample.host() > WAITING * sample.device();
      return sample.device() / many;
    }

    private void launch(int many) {
      @Nullable Object _ =
          Choice.with(
              op.getClass(),
              variant.name(),
              () -> {
                for (int i = 0; i < many; i++) {
                  backend.run(op, in, out);
                }
                return many;
              });
    }
  }
}
