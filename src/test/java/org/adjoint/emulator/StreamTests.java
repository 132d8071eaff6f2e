package org.adjoint.emulator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the emulated driver share: a stream for each test, and a kernel that adds. */
abstract class StreamTests {
  static EmulatedDevice device;
  static MemorySegment module;
  static MemorySegment add;

  final Arena arena = Arena.ofConfined();
  MemorySegment stream;

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    module = PlantedKernels.load("sound", Mode.FAST);
    add = device.function(module, "add_f32");
    device.quiet(true);
  }

  @AfterAll
  static void printAgain() {
    device.quiet(false);
  }

  @BeforeEach
  void begin() {
    stream = newStream();
  }

  @AfterEach
  void end() {
    device.reset();
    arena.close();
  }

  MemorySegment newStream() {
    return made("cuStreamCreate", 1);
  }

  /** What a call makes, whose first argument is where to put it. */
  MemorySegment made(String call, Object... others) {
    MemorySegment handle = arena.allocate(ADDRESS);
    Object[] all = new Object[others.length + 1];
    all[0] = handle;
    System.arraycopy(others, 0, all, 1, others.length);
    device.require(call, all);
    return handle.get(ADDRESS, 0);
  }

  MemorySegment pinned(int floats) {
    return made("cuMemHostAlloc", 4L * floats, 0).reinterpret(4L * floats);
  }

  /** Puts c = a + b of n numbers into a stream. */
  int addIn(MemorySegment where, long a, long b, long c, int n) {
    MemorySegment pointers = arena.allocate(ADDRESS, 4);
    long[] values = {a, b, c, n};
    for (int i = 0; i < 4; i++) {
      pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(JAVA_LONG, values[i]));
    }
    return device.call(
        "cuLaunchKernel", add, 2, 1, 1, 32, 1, 1, 0, where, pointers, MemorySegment.NULL);
  }
}
