package org.adjoint.backend.cpu;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.adjoint.DType;

/**
 * Arrays that were given back, kept for the next request of the same type and length: a training
 * step asks for the same ones again and again, and a fresh array costs a pass to clear it.
 */
final class ArrayPool {
  // Below this, the garbage collector's own allocation is as quick as any list.
  private static final int SMALLEST_BYTES = 4096;
  private static final boolean POISON = Boolean.getBoolean("adjoint.poison");

  private record Key(DType dtype, int length) {}

  private final Map<Key, ArrayDeque<Object>> free = new HashMap<>();
  private final long mostFreeBytes = Runtime.getRuntime().maxMemory() / 4;
  private long freeBytes;
  private long liveBytes;

  static int requireArrayLength(long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "cpu: a tensor of " + length + " elements is larger than a Java array (2^31 - 9)");
    }
    return (int) length;
  }

  synchronized Object take(DType dtype, long length) {
    requireArrayLength(length);
    long bytes = length * dtype.bytes();
    ArrayDeque<Object> arrays = free.get(new Key(dtype, (int) length));
    Object array;
    if (arrays == null || arrays.isEmpty()) {
      array = allocate(dtype, (int) length);
    } else {
      array = arrays.pop();
      freeBytes -= bytes;
    }
    liveBytes += bytes;
    if (POISON) {
      CpuStorage.poison(array);
    }
    return array;
  }

  private Object allocate(DType dtype, int length) {
    try {
      return CpuStorage.newArray(dtype, length);
    } catch (OutOfMemoryError e) {
      if (freeBytes == 0) {
        throw e;
      }
      free.clear();
      freeBytes = 0;
      return CpuStorage.newArray(dtype, length);
    }
  }

  synchronized void give(DType dtype, Object array) {
    int length = java.lang.reflect.Array.getLength(array);
    long bytes = (long) length * dtype.bytes();
    liveBytes -= bytes;
    if (bytes >= SMALLEST_BYTES && freeBytes + bytes <= mostFreeBytes) {
      free.computeIfAbsent(new Key(dtype, length), k -> new ArrayDeque<>()).push(array);
      freeBytes += bytes;
    }
  }

  synchronized long liveBytes() {
    return liveBytes;
  }
}
