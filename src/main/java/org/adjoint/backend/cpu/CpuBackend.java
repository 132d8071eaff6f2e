package org.adjoint.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Shape;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Elementwise;
import org.adjoint.backend.HostArray;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;

/**
 * Runs kernels on the CPU: the reference for every kernel, dtype and layout, and the quick road
 * where a kernel has one.
 */
public final class CpuBackend implements Backend {
  /** The one CPU. */
  public static final CpuBackend INSTANCE = new CpuBackend();

  // Long enough to hide the walk's overhead, short enough to stay in the nearest cache.
  private static final int BLOCK = 2048;
  private static final ScopedValue<Boolean> REFERENCE_ONLY = ScopedValue.newInstance();

  private final ArrayPool pool = new ArrayPool();

  private CpuBackend() {}

  /** Runs {@code work} with references alone: the oracle's side of a comparison. */
  public static <T> T withReference(Supplier<T> work) {
    return ScopedValue.where(REFERENCE_ONLY, true).call(work::get);
  }

  @Override
  public Storage allocate(DType dtype, long length) {
    return new CpuStorage(dtype, length, pool);
  }

  @Override
  public long liveBytes() {
    return pool.liveBytes();
  }

  @Override
  public void run(Kernel kernel, Operand[] in, Operand[] out) {
    Variant variant = Variant.of(kernel);
    boolean quick = variant != Variant.REFERENCE && !REFERENCE_ONLY.isBound();
    if (quick && kernel.fast(in, out)) {
      return;
    }
    Elementwise.Lanes lanes =
        quick && kernel instanceof Elementwise e && allFloats(in, out) ? e.lanes() : null;
    if (quick && lanes == null && variant == Variant.FAST) {
      throw new UnsupportedOperationException(
          kernel.name() + ": has no fast variant on cpu for " + out[0].dtype() + out[0].shape());
    }
    if (kernel instanceof Elementwise elementwise) {
      Parallel.forRange(
          out[0].count(),
          16 * BLOCK,
          (from, to) -> {
            if (lanes != null) {
              runLanes(lanes, in, out[0], from, to);
            } else {
              runBlocks(elementwise, in, out[0], from, to);
            }
          });
    } else {
      runWhole(kernel, in, out);
    }
  }

  private static boolean allFloats(Operand[] in, Operand[] out) {
    for (Operand operand : in) {
      if (operand.dtype() != DType.F32) {
        return false;
      }
    }
    return out[0].dtype() == DType.F32;
  }

  private static void runWhole(Kernel kernel, Operand[] in, Operand[] out) {
    Dense[] x = new Dense[in.length];
    for (int i = 0; i < in.length; i++) {
      HostArray.requireLength(Device.CPU, in[i].count());
      x[i] = Dense.zeros(in[i].shape());
      load(in[i], 0, x[i].data());
    }
    Dense[] y = new Dense[out.length];
    for (int i = 0; i < out.length; i++) {
      y[i] = Dense.zeros(out[i].shape());
    }
    kernel.reference(x, y);
    for (int i = 0; i < out.length; i++) {
      store(y[i].data(), out[i], 0);
    }
  }

  private static void runBlocks(Elementwise kernel, Operand[] in, Operand out, long from, long to) {
    Dense[] x = new Dense[in.length];
    Dense[] y = new Dense[1];
    for (long at = from; at < to; at += BLOCK) {
      int n = (int) Math.min(BLOCK, to - at);
      if (y[0] == null || y[0].count() != n) {
        Shape block = Shape.of(n);
        y[0] = Dense.zeros(block);
        for (int i = 0; i < in.length; i++) {
          x[i] = Dense.zeros(block);
        }
      }
      for (int i = 0; i < in.length; i++) {
        load(in[i], at, x[i].data());
      }
      kernel.reference(x, y);
      store(y[0].data(), out, at);
    }
  }

  private static void runLanes(
      Elementwise.Lanes lanes, Operand[] in, Operand out, long from, long to) {
    float[][] x = new float[in.length][];
    float[][] packed = new float[in.length][];
    int[] at = new int[in.length];
    boolean[] contiguous = new boolean[in.length];
    for (int i = 0; i < in.length; i++) {
      contiguous[i] = in[i].layout().isContiguous();
      packed[i] = contiguous[i] ? CpuStorage.floats(in[i]) : new float[BLOCK];
      x[i] = packed[i];
    }
    float[] y = CpuStorage.floats(out);
    int yAt = CpuStorage.at(out);
    int block = repeating(in);
    for (long position = from; position < to; position += block) {
      int n = (int) Math.min(block, to - position);
      for (int i = 0; i < in.length; i++) {
        if (contiguous[i]) {
          at[i] = CpuStorage.at(in[i]) + (int) position;
        } else if (position == from || !repeats(in[i], block)) {
          pack(in[i], position, n, packed[i]);
        }
      }
      lanes.apply(x, at, y, yAt + (int) position, n);
    }
  }

  /**
   * A block's length, at most {@link #BLOCK}: whole rows of the last axis, where they are short, so
   * that a row which is repeated need be laid out but once.
   */
  private static int repeating(Operand[] in) {
    int row = (int) Math.min(BLOCK, lastSize(in[0]));
    return row > BLOCK / 2 ? BLOCK : BLOCK / row * row;
  }

  private static long lastSize(Operand operand) {
    int rank = operand.shape().rank();
    return rank == 0 ? 1 : Math.max(1, operand.shape().size(rank - 1));
  }

  /** Whether blocks of {@code length} have the same elements: only within a row do they differ. */
  private static boolean repeats(Operand operand, int length) {
    int last = operand.shape().rank() - 1;
    for (int axis = 0; axis < last; axis++) {
      if (operand.layout().stride(axis) != 0 && operand.shape().size(axis) > 1) {
        return false;
      }
    }
    return operand.layout().stride(last) == 0 || length % lastSize(operand) == 0;
  }

  static void load(Operand from, long position, double[] to) {
    CpuStorage storage = (CpuStorage) from.storage();
    from.layout()
        .forEachRun(position, to.length, (at, stride, i, n) -> storage.load(at, stride, n, to, i));
  }

  static void store(double[] from, Operand to, long position) {
    ((CpuStorage) to.storage()).store(from, 0, from.length, to.layout().offset() + position);
  }

  /** Lays out {@code count} elements of an F32 operand from {@code position} of its order. */
  static void pack(Operand from, long position, int count, float[] to) {
    CpuStorage storage = (CpuStorage) from.storage();
    from.layout()
        .forEachRun(
            position,
            count,
            (at, stride, i, n) -> {
              if (stride == 0) {
                storage.copy(at, 1, to, i, 1);
                Arrays.fill(to, i, i + n, to[i]);
              } else {
                storage.copy(at, stride, to, i, n);
              }
            });
  }

  /** An operand's elements in row-major order: its own array where they lie so, else a copy. */
  public static Operand contiguous(Operand operand) {
    if (operand.layout().isContiguous()) {
      return operand;
    }
    // Nobody will give it back, so it comes from a pool that is forgotten with it.
    Storage storage = new CpuStorage(operand.dtype(), operand.count(), new ArrayPool());
    Operand packed = new Operand(storage, Layout.contiguous(operand.shape()));
    INSTANCE.copy(operand, packed);
    return packed;
  }

  @Override
  public void copy(Operand from, Operand to) {
    CpuStorage source = (CpuStorage) from.storage();
    CpuStorage target = (CpuStorage) to.storage();
    from.layout()
        .forEachRun(
            0,
            Math.toIntExact(from.count()),
            (at, stride, position, length) ->
                to.layout()
                    .forEachRun(
                        position,
                        length,
                        (start, step, i, n) ->
                            source.copy(at + i * stride, stride, target, start, step, n)));
  }

  @Override
  public void fill(Storage to, double value) {
    CpuStorage storage = (CpuStorage) to;
    int length = (int) to.length();
    storage.store(new double[] {value}, 0, Math.min(1, length), 0);
    // Twice as many at each go.
    for (int done = 1; done < length; done *= 2) {
      int n = Math.min(done, length - done);
      storage.copy(0, 1, storage, done, 1, n);
    }
  }

  @Override
  public void write(Object array, Storage to) {
    ((CpuStorage) to).take(array, Math.toIntExact(to.length()));
  }

  @Override
  public void write(MemorySegment bytes, Storage to) {
    ((CpuStorage) to).segment().copyFrom(bytes);
  }

  @Override
  public void read(Operand from, MemorySegment bytes) {
    if (!from.layout().isContiguous()) {
      bytes.copyFrom(HostArray.bytes(read(from)));
      return;
    }
    long size = from.dtype().bytes();
    MemorySegment all = ((CpuStorage) from.storage()).segment();
    bytes.copyFrom(all.asSlice(from.layout().offset() * size, from.count() * size));
  }

  @Override
  public Object read(Operand from) {
    int count = HostArray.requireLength(Device.CPU, from.count());
    Object array = HostArray.of(from.dtype(), count);
    CpuStorage source = (CpuStorage) from.storage();
    from.layout().forEachRun(0, count, (at, stride, i, n) -> source.copy(at, stride, array, i, n));
    return array;
  }
}
