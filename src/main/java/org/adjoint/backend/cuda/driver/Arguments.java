package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A kernel's arguments as the driver wants them: an array of pointers, one to each value. Values
 * are laid out as C lays them out on x86-64 and on the device: a member of a struct lies at a
 * multiple of its own size.
 *
 * <p>The memory is native and used again and again: to hand JCuda Java objects instead costs
 * microseconds a launch.
 */
final class Arguments {
  private static final int MOST = 256;
  private static final int ROOM = 32 << 10;

  /** Any type of CUDA's may begin at a multiple of this. */
  private static final int ALIGNED = 16;

  private final MemorySegment slots = Arena.global().allocate(MOST * JAVA_LONG.byteSize(), ALIGNED);
  private final MemorySegment values = Arena.global().allocate(ROOM, ALIGNED);

  /** What a parameter that was forgotten reads: no address, no number. */
  private final long nothing = Arena.global().allocate(4096, ALIGNED).fill((byte) -1).address();

  private final int[] sizes = new int[MOST];
  private int count;
  private int written = MOST;
  private long at;

  /** The largest member of the struct that is open, or 0 if none is. */
  private long largest;

  /** Where that struct begins. */
  private long begin;

  Arguments() {
    clear();
    address();
  }

  /** Begins anew. */
  void clear() {
    count = 0;
    at = 0;
    largest = 0;
  }

  /** Where the array of pointers begins, once all arguments are in. */
  long address() {
    if (largest != 0) {
      throw new IllegalStateException("arguments: a struct was begun and not ended");
    }
    for (; written > count; written--) {
      slots.setAtIndex(JAVA_LONG, written - 1, nothing);
    }
    return slots.address();
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** Bytes of one of them. */
  int size(int i) {
    return sizes[i];
  }

  void int32(int value) {
    values.set(JAVA_INT, next(4), value);
  }

  void int64(long value) {
    values.set(JAVA_LONG, next(8), value);
  }

  void float32(float value) {
    values.set(JAVA_FLOAT, next(4), value);
  }

  void float64(double value) {
    values.set(JAVA_DOUBLE, next(8), value);
  }

  void struct() {
    if (largest != 0) {
      throw new IllegalStateException(
          "arguments: a struct within a struct; list its members instead");
    }
    slot(0);
    begin = at;
    largest = 1;
  }

  void end() {
    if (largest == 0) {
      throw new IllegalStateException("arguments: the end of a struct that was not begun");
    }
    at = align(at, largest);
    sizes[count - 1] = (int) (at - begin);
    largest = 0;
  }

  /** Members {@code long long name[length]}. */
  void int64s(long[] numbers, int length) {
    checkArray(numbers.length, length);
    for (int i = 0; i < length; i++) {
      int64(i < numbers.length ? numbers[i] : 0);
    }
  }

  /** Members {@code int name[length]}. */
  void int32s(int[] numbers, int length) {
    checkArray(numbers.length, length);
    for (int i = 0; i < length; i++) {
      int32(i < numbers.length ? numbers[i] : 0);
    }
  }

  private void checkArray(int given, int length) {
    if (largest == 0) {
      throw new IllegalStateException("arguments: an array goes by value within a struct only");
    }
    if (given > length) {
      throw new IllegalArgumentException(
          "arguments: " + given + " numbers for an array of " + length);
    }
  }

  /** The place of the next value of {@code size} bytes: a member, or an argument of its own. */
  private long next(int size) {
    if (largest == 0) {
      slot(size);
    } else {
      largest = Math.max(largest, size);
      at = align(at, size);
    }
    if (at + size > ROOM) {
      throw new IllegalArgumentException("arguments: more than " + ROOM + " bytes");
    }
    long place = at;
    at += size;
    return place;
  }

  private void slot(int size) {
    if (count == MOST) {
      throw new IllegalArgumentException("arguments: more than " + MOST);
    }
    at = align(at, ALIGNED);
    sizes[count] = size;
    slots.setAtIndex(JAVA_LONG, count++, values.address() + at);
    written = Math.max(written, count);
  }

  private static long align(long offset, long size) {
    return (offset + size - 1) & -size;
  }
}
