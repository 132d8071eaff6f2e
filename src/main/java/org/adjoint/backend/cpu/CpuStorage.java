package org.adjoint.backend.cpu;

import java.util.Arrays;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.backend.Operand;
import org.adjoint.backend.Storage;

/** Elements in a Java array: the one place that knows how each dtype is kept on the CPU. */
public final class CpuStorage extends Storage {
  private final Object array;
  private final ArrayPool pool;

  CpuStorage(DType dtype, long length, ArrayPool pool) {
    super(Device.CPU, dtype, length);
    this.pool = pool;
    this.array = pool.take(dtype, length);
  }

  @Override
  protected void free() {
    pool.give(dtype(), array, (int) length());
  }

  /** The elements of an F32 operand on the CPU. */
  public static float[] floats(Operand operand) {
    return (float[]) ((CpuStorage) operand.storage()).array;
  }

  /** The elements of an I64 operand on the CPU. */
  public static long[] longs(Operand operand) {
    return (long[]) ((CpuStorage) operand.storage()).array;
  }

  Object array() {
    return array;
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
  void load(long at, long stride, int n, double[] to, int start) {
    int a = (int) at;
    int s = (int) stride;
    switch (dtype()) {
      case F64 -> {
        double[] from = (double[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = from[a + i * s];
        }
      }
      case F32 -> {
        float[] from = (float[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = from[a + i * s];
        }
      }
      case BF16 -> {
        short[] from = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = HalfFloats.fromBFloat16(from[a + i * s]);
        }
      }
      case F16 -> {
        short[] from = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = Float.float16ToFloat(from[a + i * s]);
        }
      }
      case I64 -> {
        long[] from = (long[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = from[a + i * s];
        }
      }
      case I32 -> {
        int[] from = (int[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = from[a + i * s];
        }
      }
      case U8, BOOL -> {
        byte[] from = (byte[]) array;
        for (int i = 0; i < n; i++) {
          to[start + i] = from[a + i * s] & 0xff;
        }
      }
    }
  }

  /** Rounds {@code n} doubles to the dtype and stores them one after the other from {@code at}. */
  void store(double[] from, int start, int n, long at) {
    int a = (int) at;
    switch (dtype()) {
      case F64 -> System.arraycopy(from, start, (double[]) array, a, n);
      case F32 -> {
        float[] to = (float[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (float) from[start + i];
        }
      }
      case BF16 -> {
        short[] to = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = HalfFloats.toBFloat16(from[start + i]);
        }
      }
      case F16 -> {
        short[] to = (short[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = HalfFloats.toFloat16(from[start + i]);
        }
      }
      case I64 -> {
        long[] to = (long[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (long) from[start + i];
        }
      }
      case I32 -> {
        int[] to = (int[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (int) from[start + i];
        }
      }
      case U8 -> {
        byte[] to = (byte[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (byte) Math.clamp((long) from[start + i], 0, 255);
        }
      }
      case BOOL -> {
        byte[] to = (byte[]) array;
        for (int i = 0; i < n; i++) {
          to[a + i] = (byte) (from[start + i] != 0 ? 1 : 0);
        }
      }
    }
  }

  /** Copies elements without touching their bits. */
  static void copy(Object from, long at, long stride, Object to, long start, long step, int n) {
    if (stride == 1 && step == 1) {
      System.arraycopy(from, (int) at, to, (int) start, n);
      return;
    }
    int a = (int) at;
    int s = (int) stride;
    int b = (int) start;
    int t = (int) step;
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
