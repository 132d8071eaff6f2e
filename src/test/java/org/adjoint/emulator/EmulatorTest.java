package org.adjoint.emulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels without a fault pass under every schedule, checked or not, and compute what they say. */
class EmulatorTest {
  private static final int SCHEDULES = 8;
  private static EmulatedDevice device;
  private static final MemorySegment[] MODULES = new MemorySegment[2];
  private final List<Long> allocated = new ArrayList<>();

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    for (Mode mode : Mode.values()) {
      MODULES[mode.ordinal()] = PlantedKernels.load("sound", mode);
    }
  }

  @AfterEach
  void free() {
    device.reset();
    allocated.forEach(device::free);
  }

  private long upload(float... numbers) {
    allocated.add(device.upload(numbers));
    return allocated.getLast();
  }

  private long fresh(long bytes) {
    allocated.add(device.allocate(bytes));
    return allocated.getLast();
  }

  /** Runs a kernel under several schedules, with a fresh result each time. */
  private void each(Mode mode, String kernel, Shape shape, Runnable prepare, Object... arguments) {
    MemorySegment function = device.function(MODULES[mode.ordinal()], kernel);
    for (int seed = 1; seed <= SCHEDULES; seed++) {
      device.seed(seed);
      prepare.run();
      assertEquals(0, device.run(function, shape, arguments), device::report);
    }
  }

  private static float[] floats(int count, IntFunction<Float> value) {
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = value.apply(i);
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void elementwise(Mode mode) {
    int n = 1000;
    long a = upload(floats(n, i -> (float) i));
    long b = upload(floats(n, i -> (float) (i % 7)));
    float[] sum = floats(n, i -> (float) (i + i % 7));
    long c = fresh(4 * n);
    each(mode, "add_f32", Shape.of(3, 128), () -> {}, a, b, c, (long) n);
    assertArrayEquals(sum, device.floats(c, n));
    long d = fresh(4 * n);
    each(mode, "add_f32x4", Shape.of(2, 128), () -> {}, a, b, d, n / 4);
    assertArrayEquals(sum, device.floats(d, n));
  }

  @ParameterizedTest
  @EnumSource
  void matmul(Mode mode) {
    int n = 48;
    float[] a = floats(n * n, i -> (float) (i % 5 - 2));
    float[] b = floats(n * n, i -> (float) (i % 7 - 3));
    float[] c = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          c[i * n + j] += a[i * n + k] * b[k * n + j];
        }
      }
    }
    long result = fresh(4L * n * n);
    Shape shape = new Shape(3, 3, 16, 16, 0, false);
    each(mode, "tiled_f32", shape, () -> {}, upload(a), upload(b), result, n);
    assertArrayEquals(c, device.floats(result, n * n));
  }

  @ParameterizedTest
  @EnumSource
  void reductions(Mode mode) {
    long x = upload(floats(5 * 300, i -> (float) (i % 11)));
    float[] sums = new float[5];
    float[] moments = new float[10];
    for (int i = 0; i < 5 * 300; i++) {
      sums[i / 300] += i % 11;
      if (i < 5 * 200) {
        moments[i / 200 * 2] += i % 11;
        moments[i / 200 * 2 + 1] += i % 11 * (i % 11);
      }
    }
    long y = fresh(20);
    each(mode, "row_sum_f32", new Shape(5, 1, 256, 1, 1024, false), () -> {}, x, y, 300);
    assertArrayEquals(sums, device.floats(y, 5));
    long z = fresh(40);
    each(mode, "row_moments_f32", Shape.of(5, 256), () -> {}, x, z, 200);
    assertArrayEquals(moments, device.floats(z, 10));
  }

  @ParameterizedTest
  @EnumSource
  void warps(Mode mode) {
    long x = upload(floats(256, i -> (float) i));
    long y = fresh(1024);
    each(mode, "rotate_warp", Shape.of(1, 256), () -> {}, x, y);
    assertArrayEquals(
        floats(256, i -> (float) (i / 32 * 32 + (i + 2) % 32 + 1)), device.floats(y, 256));

    long words = fresh(32 * 8 * 4);
    each(mode, "warp_words", Shape.of(1, 32), () -> {}, words);
    int[] expected = new int[256];
    for (int lane = 0; lane < 32; lane++) {
      expected[lane * 8] = (lane + 1) % 32;
      expected[lane * 8 + 1] = lane < 3 ? lane : lane - 3;
      expected[lane * 8 + 2] = lane % 8 < 5 ? lane + 3 : lane;
      expected[lane * 8 + 3] = lane ^ 5;
      expected[lane * 8 + 4] = 0x49249249;
      expected[lane * 8 + 5] = 2;
      expected[lane * 8 + 6] = 0x11111111 << lane % 4;
      expected[lane * 8 + 7] = lane < 16 ? 15 : IntStream.range(16, 32).sum();
    }
    assertArrayEquals(expected, device.ints(words, 256));
  }

  @ParameterizedTest
  @EnumSource
  void atomics(Mode mode) {
    int n = 1000;
    long x = device.upload(IntStream.range(0, n).map(i -> i * i % 16).toArray());
    allocated.add(x);
    int[] counts = new int[16];
    IntStream.range(0, n).forEach(i -> counts[i * i % 16]++);
    long bins = fresh(64);
    Runnable zero = () -> device.require("cuMemsetD32Async", bins, 0, 16L, MemorySegment.NULL);
    each(mode, "histogram", Shape.of(4, 64), zero, x, bins, n);
    assertArrayEquals(counts, device.ints(bins, 16));

    long y = upload(floats(n, i -> (float) (i % 13)));
    long ticket = device.upload(0);
    allocated.add(ticket);
    long total = fresh(4);
    long partial = fresh(4 * 9);
    each(mode, "last_block_sum", Shape.of(9, 64), () -> {}, y, partial, ticket, total, n);
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += i % 13;
    }
    assertArrayEquals(new float[] {sum}, device.floats(total, 1));
  }

  @ParameterizedTest
  @EnumSource
  void cooperation(Mode mode) {
    long x = fresh(28);
    long y = fresh(28);
    Shape all = new Shape(7, 1, 33, 1, 0, true);
    each(mode, "pass_round", all, () -> {}, x, y, 3);
    assertArrayEquals(floats(7, i -> (float) ((i + 3) % 7 + 3)), device.floats(y, 7));

    long turn = fresh(4);
    long value = fresh(4);
    Runnable zero =
        () -> {
          device.require("cuMemsetD32Async", turn, 0, 1L, MemorySegment.NULL);
          device.require("cuMemsetD32Async", value, 0, 1L, MemorySegment.NULL);
        };
    each(mode, "take_turns", all, zero, turn, value);
    assertArrayEquals(new float[] {120}, device.floats(value, 1)); // ((0 · 2 + 1) · 2 + 2) …
  }

  @ParameterizedTest
  @EnumSource
  void types(Mode mode) {
    int threads = 100;
    long x = fresh(2 * threads);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocate(ValueLayout.JAVA_SHORT, threads);
      for (int i = 0; i < threads; i++) {
        short upper = (short) (Float.floatToRawIntBits(i) >> 16);
        numbers.setAtIndex(ValueLayout.JAVA_SHORT, i, upper);
      }
      device.require("cuMemcpyHtoD_v2", x, numbers, numbers.byteSize());
      long y = fresh(2 * threads);
      long odd = fresh(4);
      each(mode, "odd_values", Shape.of(1, threads), () -> {}, x, y, odd);
      assertArrayEquals(new int[] {threads / 2}, device.ints(odd, 1));
      short[] halves = device.bytes(y, 2 * threads).toArray(ValueLayout.JAVA_SHORT);
      for (int i = 0; i < threads; i++) {
        assertEquals(i / 2f, Float.float16ToFloat(halves[i]));
      }

      long from = fresh(8 * 30);
      long to = fresh(8 * 10);
      MemorySegment doubles = arena.allocate(ValueLayout.JAVA_DOUBLE, 30);
      IntStream.range(0, 30).forEach(i -> doubles.setAtIndex(ValueLayout.JAVA_DOUBLE, i, i));
      device.require("cuMemcpyHtoD_v2", from, doubles, doubles.byteSize());
      MemorySegment strides = arena.allocate(8 * 4 + 8 * 8, 8);
      strides.set(ValueLayout.JAVA_INT, 0, 10);
      strides.set(ValueLayout.JAVA_LONG, 32, 3);
      each(mode, "gather", Shape.of(1, 4), () -> {}, from, to, strides, 0.5);
      double[] gathered = device.bytes(to, 80).toArray(ValueLayout.JAVA_DOUBLE);
      assertArrayEquals(IntStream.range(0, 10).mapToDouble(i -> 1.5 * i).toArray(), gathered);
    }
  }

  /** The speed that GPU.md asks for, with room for a busy machine. */
  @ParameterizedTest
  @EnumSource
  void barriersAreCheap(Mode mode) {
    MemorySegment function = device.function(MODULES[mode.ordinal()], "barriers");
    int rounds = 2000;
    double best = 0;
    for (int i = 0; i < 3; i++) {
      long start = System.nanoTime();
      assertEquals(0, device.run(function, Shape.of(1, 256), rounds), device::report);
      best = Math.max(best, 256.0 * rounds / (System.nanoTime() - start) * 1e9);
    }
    assertTrue(best > 2e6, "thread-barriers a second: " + best);
  }
}
