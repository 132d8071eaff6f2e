package org.adjoint.backend.cpu;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.backend.HostArray;

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
  private final LongAdder liveBytes = new LongAdder();

  Object take(DType dtype, long length) {
    HostArray.requireLength(Device.CPU, length);
    long bytes = length * dtype.bytes();
    Object array =
        bytes < SMALLEST_BYTES
            ? HostArray.of(dtype, (int) length)
            : takeLarge(dtype, (int) length, bytes);
    liveBytes.add(bytes);
    if (POISON) {
      CpuStorage.poison(array);
    }
    return array;
  }

  private synchronized Object takeLarge(DType dtype, int length, long bytes) {
    ArrayDeque<Object> arrays = free.get(new Key(dtype, length));
    if (arrays == null || arrays.isEmpty()) {
      return allocate(dtype, length);
    }
    freeBytes -= bytes;
    return arrays.pop();
  }

  private Object allocate(DType dtype, int length) {
    try {
      return HostArray.of(dtype, length);
    } catch (OutOfMemoryError e) {
      if (freeBytes == 0) {
        throw e;
      }
      free.clear();
      freeBytes = 0;
      return HostArray.of(dtype, length);
    }
  }

  /** Takes back an array of {@code length} elements. */
  void give(DType dtype, Object array, int length) {
    long bytes = (long) length * dtype.bytes();
    liveBytes.add(-bytes);
    if (bytes >= SMALLEST_BYTES) {
      giveLarge(dtype, array, length, bytes);
    }
  }

  private synchronized void giveLarge(DType dtype, Object array, int length, long bytes) {
    if (freeBytes + bytes <= mostFreeBytes) {
      free.computeIfAbsent(new Key(dtype, length), k -> new ArrayDeque<>()).push(array);
      freeBytes += bytes;
    }
  }

  long liveBytes() {
    return liveBytes.sum();
  }
}
