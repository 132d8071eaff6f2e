package org.adjoint.backend.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.adjoint.Device;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cuda.LaunchCounter.Range;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.Event;
import org.adjoint.backend.cuda.driver.Nvml;
import org.adjoint.backend.cuda.driver.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The time that work takes on a GPU, by events in its compute stream. It holds some memory, by
 * which the second-level cache is flushed and the rate of copies found; close it. One thread uses
 * it at a time.
 *
 * <p>Samples that were taken while the GPU was slowed down, for its heat, are dropped and taken
 * again, up to a hundred times: then they count.
 */
public final class GpuClock implements AutoCloseable {
  private static final long LEAST_BYTES = 256L << 20;
  private static final long EMULATED_BYTES = 1 << 16;

  /** Of the second-level cache: what is written last may be a part of what it holds. */
  private static final int TIMES_CACHE = 3;

  /** Samples in a row that are dropped at most. */
  private static final int MOST_DROPPED = 100;

  private static volatile @Nullable LaunchCounter counter;

  private final Context context;
  private final Stream stream;
  private final Event begin;
  private final Event end;
  private final long bytes;
  private final long memory;
  private final @Nullable Governor governor;
  private long dropped;
  private long slow;

  /**
   * A sample.
   *
   * @param device seconds that the work took there
   * @param host seconds that it took to queue it: if that is as long, it was waited for launches
   */
  public record Sample(double device, double host) {}

  private GpuClock(Context context, Stream stream, @Nullable Governor governor) {
    this.governor = governor;
    this.context = context;
    this.stream = stream;
    begin = Event.timer(context);
    end = Event.timer(context);
    bytes =
        context.isEmulated()
            ? EMULATED_BYTES
            : Math.min(
                Math.max(LEAST_BYTES, (long) TIMES_CACHE * context.l2()),
                context.freeMemory() / 4 / Long.BYTES * Long.BYTES);
    memory = context.allocate(bytes);
  }

  /**
   * The clock of a device.
   *
   * @throws IllegalArgumentException if that is the CPU
   */
  public static GpuClock of(Device device) {
    if (device.equals(Device.CPU)) {
      throw new IllegalArgumentException("clock: kernels run on a GPU, not on cpu");
    }
    CudaBackend backend = CudaBackend.of(device);
    return of(device, governor(backend.context()));
  }

  /** One that asks another governor. */
  static GpuClock of(Device device, @Nullable Governor governor) {
    CudaBackend backend = CudaBackend.of(device);
    return new GpuClock(backend.context(), backend.stream(), governor);
  }

  private static @Nullable Governor governor(Context context) {
    if (context.isEmulated()) {
      return null;
    }
    return Nvml.of(context)
        .<Governor>map(nvml ->
            new Governor() {
              @Override
              public boolean isSlowing() {
                return nvml.isSlowing();
              }

              @Override
              public int megahertz() {
                return nvml.megahertz();
              }
            })
        .orElse(null);
  }

  /** What knows the clock rate; null where nothing does. */
  public @Nullable Governor governor() {
    return governor;
  }

  /** How many samples were dropped, since the GPU was slowed down. */
  public long dropped() {
    return dropped;
  }

  /** How many were kept all the same, since it never was otherwise. */
  public long slow() {
    return slow;
  }

  /** What counts launches on an emulated GPU. */
  public static void countBy(LaunchCounter other) {
    counter = other;
  }

  /**
   * What the launches did, where the GPU is an emulated one; null on a real one.
   *
   * @param broadcast operands that all blocks read
   */
  public LaunchCounter.@Nullable Counts count(Runnable work, Operand... broadcast) {
    LaunchCounter here = counter;
    return here == null || isReal() ? null : here.during(ranges(broadcast), work);
  }

  private static List<Range> ranges(Operand... operands) {
    return Arrays.stream(operands)
        .map(Operand::storage)
        .map(storage -> new Range(((CudaStorage) storage).address(), storage.bytes()))
        .toList();
  }

  /** Whether what it shows is the time of a GPU, not of an emulated one. */
  public boolean isReal() {
    return !context.isEmulated();
  }

  /** The time from the begin of the first thing that {@code work} queues to the end of the last. */
  public Sample time(Runnable work) {
    return steady(() -> {
      stream.synchronize();
      return timed(work);
    });
  }

  /**
   * The same, of work that finds none of its operands in the second-level cache. While the cache is
   * flushed, the host gets ahead, so that launches are not waited for.
   */
  public Sample timeCold(Runnable work) {
    return steady(() -> {
      stream.synchronize();
      stream.fill(memory, (byte) 1, bytes);
      return timed(work);
    });
  }

  private Sample steady(Supplier<Sample> taken) {
    Sample sample = taken.get();
    for (int i = 0; governor != null && governor.isSlowing(); i++) {
      if (i == MOST_DROPPED) {
        slow++;
        break;
      }
      dropped++;
      sample = taken.get();
    }
    return sample;
  }

  private Sample timed(Runnable work) {
    long start = System.nanoTime();
    begin.record(stream);
    work.run();
    end.record(stream);
    double host = (System.nanoTime() - start) * 1e-9;
    end.synchronize();
    return new Sample(end.millisSince(begin) * 1e-3, host);
  }

  /** Queues a copy within the device, of memory that the cache does not hold. */
  public void copy() {
    stream.copy(memory, memory + bytes / 2, bytes / 2);
  }

  /** Bytes that {@link #copy} reads and writes. */
  public long copied() {
    return bytes / 2 * 2;
  }

  @Override
  public void close() {
    stream.synchronize();
    begin.close();
    end.close();
    context.free(memory);
  }
}
