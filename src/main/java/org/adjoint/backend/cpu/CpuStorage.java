package org.adjoint.backend.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.backend.HostArray;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;

/**
 * Elements in a Java array: the one place that knows how each dtype is kept on the CPU.
 *
 * <p>A vector that lies across two lines of the cache is loaded twice, and an array's elements
 * begin 16 bytes after its object. So large arrays, which the garbage collector puts at the
 * beginning of a region, leave room before the first element, which then begins a line.
 */
public final class CpuStorage extends Storage {
  private static final int LINE = 64;
  private static final int HEADER = 16;

  // From half a region on, G1 gives an array regions of its own; they have 1 MiB at least.
  private static final long ALIGNED_BYTES = 1 << 19;

  private final Object array;
  private final int start;
  private final ArrayPool pool;

  CpuStorage(DType dtype, long length, ArrayPool pool) {
    super(Device.CPU, dtype, length);
    this.pool = pool;
    start = start(dtype, HostArray.requireLength(Device.CPU, length));
    this.array = pool.take(dtype, length + start);
  }

  private static int start(DType dtype, int length) {
    boolean large = (long) length * dtype.bytes() >= ALIGNED_BYTES;
    return large && length < Integer.MAX_VALUE - LINE ? (LINE - HEADER) / dtype.bytes() : 0;
  }

  @Override
  protected void free() {
    pool.give(dtype(), array, (int) length() + start);
  }

  /** The elements of an F32 operand on the CPU. */
  public static float[] floats(Operand operand) {
    return (float[]) ((CpuStorage) operand.storage()).array;
  }

  /** The elements of an I64 operand on the CPU. */
  public static long[] longs(Operand operand) {
    return (long[]) ((CpuStorage) operand.storage()).array;
  }

  /** The elements of a BOOL or U8 operand on the CPU. */
  static byte[] bytes(Operand operand) {
    return (byte[]) ((CpuStorage) operand.storage()).array;
  }

  /** Where in its array the first element of an operand on the CPU is. */
  public static int at(Operand operand) {
    return ((CpuStorage) operand.storage()).at(operand.layout().offset());
  }

  /** Where in the array an element is. */
  private int at(long element) {
    return start + (int) element;
  }

  /** All elements, as bytes in memory. */
  MemorySegment segment() {
    return HostArray.bytes(array).asSlice((long) start * dtype().bytes(), bytes());
  }

  /** Fills with NaN, or the nearest thing to it, so that what nothing wrote is seen. */
  static void poison(Object array) {
    switch (array) {
      case double[] a -> Arrays.fill(a, Double.NaN);
      case float[] a -> Arrays.fill(a, Float.NaN);
      case long[] a -> Arrays.fill(a, Long.MIN_VALUE);
      case int[] a -> Arrays.fill(a, Integer.MIN_VALUE);
      case short[] a -> Arrays.fill(a, (short) 0x7fff); // a NaN in BF16 and in F16
      case byte[] a -> Arrays.fill(a, (byte) 0x55);
      default -> throw new AssertionError(array.getClass());
    }
  }

  /** Widens {@code n} elements at {@code at}, {@code at + stride}, … to doubles. */
  void load(long at, long stride, int n, double[] to, int first) {
    int a = at(at);
    int s = (int) stride;
    switch (dtype()) {
      case F64 -> {
        double[] from = (double[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = from[a + i * s];
        }
      }
      case F32 -> {
        float[] from = (float[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = from[a + i * s];
        }
      }
      case BF16 -> {
        short[] from = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = HalfFloats.fromBFloat16(from[a + i * s]);
        }
      }
      case F16 -> {
        short[] from = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = Float.float16ToFloat(from[a + i * s]);
        }
      }
      case I64 -> {
        long[] from = (long[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = from[a + i * s];
        }
      }
      case I32 -> {
        int[] from = (int[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = from[a + i * s];
        }
      }
      case U8, BOOL -> {
        byte[] from = (byte[]) array;
        for (int i = 0; i < n; i++) {
          to[first + i] = from[a + i * s] & 0xff;
        }
      }
    }
  }

  /** Rounds {@code n} doubles to the dtype and stores them one after the other from {@code at}. */
  void store(double[] from, int first, int n, long at) {
    int a = at(at);
    switch (dtype()) {
      case F64 -> System.arraycopy(from, first, (double[]) array, a, n);
      case F32 -> {
        float[] to = (float[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (float) from[first + i];
        }
      }
      case BF16 -> {
        short[] to = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = HalfFloats.toBFloat16(from[first + i]);
        }
      }
      case F16 -> {
        short[] to = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = HalfFloats.toFloat16(from[first + i]);
        }
      }
      case I64 -> {
        long[] to = (long[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (long) from[first + i];
        }
      }
      case I32 -> {
        int[] to = (int[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (int) from[first + i];
        }
      }
      case U8 -> {
        byte[] to = (byte[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (byte) Math.clamp((long) from[first + i], 0, 255);
        }
      }
      case BOOL -> {
        byte[] to = (byte[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (byte) (from[first + i] != 0 ? 1 : 0);
        }
      }
    }
  }

  /** Copies elements to an array of the same type, without touching their bits. */
  void copy(long at, long stride, Object to, int i, int n) {
    copy(array, at(at), (int) stride, to, i, 1, n);
  }

  /** Copies elements to another storage, without touching their bits. */
  void copy(long at, long stride, CpuStorage to, long first, long step, int n) {
    copy(array, at(at), (int) stride, to.array, to.at(first), (int) step, n);
  }

  /** Takes elements over from an array of the same type. */
  void take(Object from, int n) {
    System.arraycopy(from, 0, array, start, n);
  }

  private static void copy(Object from, int a, int s, Object to, int b, int t, int n) {
    if (s == 1 && t == 1) {
      System.arraycopy(from, a, to, b, n);
      return;
    }
    switch (from) {
      case double[] x -> {
        double[] y = (double[]) to;
        for (int i = 0; i < n; i++) {
          y[b + i * t] = x[a + i * s];
        }
      }
      case float[] x -> {
        float[] y = (float[]) to;
        for (int i = 0; i < n; i++) {
          y[b + i * t] = x[a + i * s];
        }
      }
      case long[] x -> {
        long[] y = (long[]) to;
        for (int i = 0; i < n; i++) {
          y[b + i * t] = x[a + i * s];
        }
      }
      case int[] x -> {
        int[] y = (int[]) to;
        for (int i = 0; i < n; i++) {
          y[b + i * t] = x[a + i * s];
        }
      }
      case short[] x -> {
        short[] y = (short[]) to;
        for (int i = 0; i < n; i++) {
          y[b + i * t] = x[a + i * s];
        }
      }
      case byte[] x -> {
        byte[] y = (byte[]) to;
        for (int i = 0; i < n; i++) {
          y[b + i * t] = x[a + i * s];
        }
      }
      default -> throw new AssertionError(from.getClass());
    }
  }
}
