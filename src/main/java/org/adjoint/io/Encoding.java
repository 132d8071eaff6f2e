package org.adjoint.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.Tensor;

/**
 * How a number may lie in a file. Those that no dtype is like are read as the narrowest one that
 * holds all their values; they are never written.
 */
public enum Encoding {
  /** IEEE 754 binary64. */
  F64(8, DType.F64),
  /** IEEE 754 binary32. */
  F32(4, DType.F32),
  /** bfloat16. */
  BF16(2, DType.BF16),
  /** IEEE 754 binary16. */
  F16(2, DType.F16),
  /** Signed 64-bit integers. */
  I64(8, DType.I64),
  /** Signed 32-bit integers. */
  I32(4, DType.I32),
  /** Unsigned bytes. */
  U8(1, DType.U8),
  /** Truth values, a byte each; any byte but 0 is true. */
  BOOL(1, DType.BOOL),
  /** Signed bytes, read as I32. */
  I8(1, DType.I32),
  /** Signed 16-bit integers, read as I32. */
  I16(2, DType.I32),
  /** Unsigned 16-bit integers, read as I32. */
  U16(2, DType.I32),
  /** Unsigned 32-bit integers, read as I64. */
  U32(4, DType.I64);

  private final int bytes;
  private final DType dtype;

  Encoding(int bytes, DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  /** The encoding of a dtype. */
  public static Encoding of(DType dtype) {
    return valueOf(dtype.name());
  }

  /** Size of one number in bytes. */
  public int bytes() {
    return bytes;
  }

  /** What the numbers are read as. */
  public DType dtype() {
    return dtype;
  }

  /**
   * The tensor of these bytes, in row-major order.
   *
   * @param raw just as many bytes as {@code shape} takes; may be overwritten
   * @param order which end of a number comes first
   * @throws IllegalArgumentException if there are more bytes or fewer
   */
  public Tensor decode(Shape shape, MemorySegment raw, ByteOrder order) {
    toNative(raw, bytes, order);
    int n = Math.toIntExact(raw.byteSize() / bytes);
    return switch (this) {
      case I8, I16, U16 -> {
        int[] wide = new int[n];
        for (int i = 0; i < n; i++) {
          wide[i] =
              switch (this) {
                case I8 -> raw.get(JAVA_BYTE, i);
                case I16 -> raw.get(JAVA_SHORT_UNALIGNED, 2L * i);
                default -> Short.toUnsignedInt(raw.get(JAVA_SHORT_UNALIGNED, 2L * i));
              };
        }
        yield Tensor.of(shape, wide);
      }
      case U32 -> {
        long[] wide = new long[n];
        for (int i = 0; i < n; i++) {
          wide[i] = Integer.toUnsignedLong(raw.get(JAVA_INT_UNALIGNED, 4L * i));
        }
        yield Tensor.of(shape, wide);
      }
      default -> Tensor.of(shape, dtype, raw);
    };
  }

  /** The tensor's bytes in row-major order, {@code order}'s end of each number first. */
  public static MemorySegment encode(Tensor tensor, ByteOrder order) {
    MemorySegment raw = bytes(tensor.shape().count() * tensor.dtype().bytes());
    tensor.copyTo(raw);
    toNative(raw, tensor.dtype().bytes(), order); // which is its own inverse
    return raw;
  }

  /** Zeros; by longs, for an array of bytes would end at 2 GiB. */
  static MemorySegment bytes(long count) {
    return MemorySegment.ofArray(new long[Math.toIntExact(Math.ceilDiv(count, 8))])
        .asSlice(0, count);
  }

  private static void toNative(MemorySegment raw, int bytes, ByteOrder order) {
    if (order == ByteOrder.nativeOrder()) {
      return;
    }
    for (long at = 0; at + bytes <= raw.byteSize(); at += bytes) {
      switch (bytes) {
        case 2 ->
            raw.set(
                JAVA_SHORT_UNALIGNED, at, Short.reverseBytes(raw.get(JAVA_SHORT_UNALIGNED, at)));
        case 4 ->
            raw.set(JAVA_INT_UNALIGNED, at, Integer.reverseBytes(raw.get(JAVA_INT_UNALIGNED, at)));
        case 8 ->
            raw.set(JAVA_LONG_UNALIGNED, at, Long.reverseBytes(raw.get(JAVA_LONG_UNALIGNED, at)));
        default -> {}
      }
    }
  }
}
