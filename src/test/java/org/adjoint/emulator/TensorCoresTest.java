package org.adjoint.emulator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wrappers of tensorcore.cuh as the emulator understands them, on small whole numbers. */
class TensorCoresTest {
  private static EmulatedDevice device;
  private static final MemorySegment[] MODULES = new MemorySegment[2];

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    for (Mode mode : Mode.values()) {
      MODULES[mode.ordinal()] = PlantedKernels.load("tensorcores", mode);
    }
  }

  @AfterAll
  static void printAgain() {
    device.quiet(false);
  }

  private static float[] numbers(int count, int step) {
    float[] all = new float[count];
    for (int i = 0; i < count; i++) {
      all[i] = i * step % 15 - 7;
    }
    return all;
  }

  private static long bf16(float[] numbers) {
    long address = device.allocate(2L * numbers.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment halves = arena.allocate(ValueLayout.JAVA_SHORT, numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        short upper = (short) (Float.floatToRawIntBits(numbers[i]) >> 16);
        halves.setAtIndex(ValueLayout.JAVA_SHORT, i, upper);
      }
      device.require("cuMemcpyHtoD_v2", address, halves, halves.byteSize());
    }
    return address;
  }

  private static float[] product(float[] a, float[] b, int rows, int inner, int columns) {
    float[] c = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < inner; k++) {
          c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
        }
      }
    }
    return c;
  }

  private static float[] run(Mode mode, String kernel, int threads, int size, Object... arguments) {
    MemorySegment function = device.function(MODULES[mode.ordinal()], kernel);
    long c = device.allocate(4L * size);
    Object[] all = Arrays.copyOf(arguments, arguments.length);
    all[2] = c;
    for (int seed = 1; seed <= 8; seed++) {
      device.seed(seed);
      assertEquals(0, device.run(function, Shape.of(1, threads), all), device::report);
    }
    return device.floats(c, size);
  }

  @ParameterizedTest
  @EnumSource
  void oneTile(Mode mode) {
    float[] a = numbers(256, 7);
    float[] b = numbers(128, 4);
    assertArrayEquals(
        product(a, b, 16, 16, 8), run(mode, "one_tile_bf16", 32, 128, bf16(a), bf16(b), 0L));
    float[] x = numbers(128, 7);
    float[] y = numbers(64, 4);
    assertArrayEquals(
        product(x, y, 16, 8, 8),
        run(mode, "one_tile_tf32", 32, 128, device.upload(x), device.upload(y), 0L));
  }

  @ParameterizedTest
  @EnumSource
  void tilesByAsynchronousCopies(Mode mode) {
    int k = 80;
    float[] a = numbers(16 * k, 7);
    float[] b = numbers(k * 16, 4);
    assertArrayEquals(
        product(a, b, 16, k, 16), run(mode, "product_bf16", 64, 256, bf16(a), bf16(b), 0L, k));
  }

  @Test
  void tf32RoundsAndHasTenBits() {
    float[] a = new float[128];
    float[] b = new float[64];
    a[0] = 1 + 0x1p-10f + 0x1p-11f; // halfway: away from zero
    b[0] = 1;
    float[] c = run(Mode.FAST, "one_tile_tf32", 32, 128, device.upload(a), device.upload(b), 0L);
    assertEquals(1 + 0x1p-9f, c[0]);
  }

  @Test
  void unroundedTf32IsCutOffAndSummedInF32() {
    float[] a = new float[128];
    float[] b = new float[64];
    a[0] = 1 + 0x1p-10f + 0x1p-11f + 0x1p-23f; // 13 bits too many
    a[1] = 0x1p-24f; // of the sum, not of a factor
    b[0] = 1;
    b[8] = 1;
    float[] c = run(Mode.FAST, "one_tile_cut", 32, 128, device.upload(a), device.upload(b), 0L);
    assertEquals(1 + 0x1p-10f, c[0]);
    a[1] = 0x1p-22f;
    c = run(Mode.FAST, "one_tile_cut", 32, 128, device.upload(a), device.upload(b), 0L);
    assertEquals(1 + 0x1p-10f + 0x1p-22f, c[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"copy_not_awaited", "copy_without_barrier"})
  void copyNotWaitedForIsARace(String kernel) {
    MemorySegment function = device.function(MODULES[Mode.CHECKED.ordinal()], kernel);
    long a = bf16(numbers(16 * 48, 7));
    long c = device.allocate(1024);
    device.quiet(true);
    for (int seed = 1; seed <= 8; seed++) {
      device.seed(seed);
      int status = device.run(function, Shape.of(1, 64), a, a, c, 48);
      String report = device.report();
      device.reset();
      assertEquals(EmulatedDevice.LAUNCH_FAILED, status, report);
      assertTrue(
          PlantedKernels.marked("tensorcores", "faulty_copy").stream()
              .anyMatch(line -> report.startsWith(kernel + " at tensorcores.cu:" + line)),
          report);
      assertTrue(
          report.contains(kernel.equals("copy_not_awaited") ? "is still copying" : "reads byte"),
          report);
    }
  }
}
