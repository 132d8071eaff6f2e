package org.adjoint.backend;

import java.lang.foreign.MemorySegment;
import org.adjoint.DType;
import org.adjoint.Device;

/** Java arrays as elements of tensors are kept in: the type of each dtype's array. */
public final class HostArray {
  private HostArray() {}

  /**
   * An array of {@code length} elements: {@code double[]} for F64, {@code float[]} F32, {@code
   * short[]} BF16 and F16, {@code long[]} I64, {@code int[]} I32, {@code byte[]} U8 and BOOL.
   */
  public static Object of(DType dtype, int length) {
    return switch (dtype) {
      case F64 -> new double[length];
      case F32 -> new float[length];
      case BF16, F16 -> new short[length];
      case I64 -> new long[length];
      case I32 -> new int[length];
      case U8, BOOL -> new byte[length];
    };
  }

  /** The bytes of such an array. */
  public static MemorySegment bytes(Object array) {
    return switch (array) {
      case double[] a -> MemorySegment.ofArray(a);
      case float[] a -> MemorySegment.ofArray(a);
      case long[] a -> MemorySegment.ofArray(a);
      case int[] a -> MemorySegment.ofArray(a);
      case short[] a -> MemorySegment.ofArray(a);
      case byte[] a -> MemorySegment.ofArray(a);
      default -> throw new AssertionError(array.getClass());
    };
  }

  /**
   * {@code length} as the length of an array.
   *
   * @throws IllegalArgumentException if no Java array is as long
   */
  public static int requireLength(Device device, long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          device + ": a tensor of " + length + " elements is larger than a Java array (2^31 - 9)");
    }
    return (int) length;
  }
}
