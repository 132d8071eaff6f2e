package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

/** Kernels and memory, on a device that runs kernels: the emulator or a GPU. */
final class DeviceChecks {
  private final Probe probe;

  DeviceChecks(Probe probe) {
    this.probe = probe;
  }

  void attributes() {
    assertTrue(probe.context.multiprocessors() > 0);
    assertTrue(probe.context.capability() >= 80);
    assertEquals(32, probe.context.warpSize());
    assertTrue(probe.context.sharedPerBlock() > 48 << 10);
    KernelFunction saxpy = probe.function("saxpy_f32");
    assertTrue(saxpy.maxThreads() >= 256);
    assertTrue(saxpy.blocksPerMultiprocessor(256, 0) > 0);
    assertEquals(saxpy, probe.function("saxpy_f32"));
  }

  void arguments() {
    long out = probe.context.allocate(9 * 8);
    probe
        .launch("arguments_f64")
        .address(0)
        .struct()
        .int32(-3)
        .int64s(new long[] {1L << 40, -5}, 3)
        .float32(0.5f)
        .float64(Math.PI)
        .int32(7)
        .end()
        .int32(-11)
        .address(out)
        .on(probe.stream);
    double[] seen = new double[9];
    probe.stream.downloadNow(out, MemorySegment.ofArray(seen));
    assertArrayEquals(new double[] {-3, 0x1p40, -5, 0, 0.5, Math.PI, 7, -11, 1}, seen);
    probe.context.free(out);
  }

  void gridAndBlock() {
    long out = probe.context.allocate(6 * 4);
    probe.launch("shape_i32").address(out).grid(5, 3, 2).block(8, 2, 4).on(probe.stream);
    assertArrayEquals(new int[] {5, 3, 2, 8, 2, 4}, probe.ints(out, 6));
    probe.context.free(out);
  }

  void launches() {
    int n = 1000;
    long x = probe.upload(Probe.ramp(n));
    long y = probe.upload(new float[n]);
    Launch launch = probe.launch("saxpy_f32").int64(n).float32(2).address(x).address(y);
    launch.grid(4).block(256).on(probe.stream);
    launch.on(probe.stream);
    assertArrayEquals(Probe.times(Probe.ramp(n), 4), probe.floats(y, n));
    probe.context.free(x);
    probe.context.free(y);
  }

  /** More shared memory than a block may have without asking. */
  void sharedMemory() {
    int n = 15_000;
    long x = probe.upload(Probe.ramp(n));
    long y = probe.upload(new float[n]);
    Launch launch = probe.launch("reverse_f32").address(x).address(y).int32(n);
    launch.block(256).shared(n * 4L).on(probe.stream);
    float[] expected = Probe.ramp(n);
    for (int i = 0; i < n; i++) {
      expected[i] = n - 1 - i;
    }
    assertArrayEquals(expected, probe.floats(y, n));
    probe.context.free(x);
    probe.context.free(y);
  }

  void blocksThatWait() {
    int blocks = 3;
    long numbers = probe.context.allocate(blocks * 4);
    long sums = probe.context.allocate(blocks * 4);
    Launch launch = probe.launch("together_i32").address(numbers).address(sums);
    launch.grid(blocks).block(32).togetherOn(probe.stream);
    assertArrayEquals(new int[] {3, 3, 3}, probe.ints(sums, blocks));
    probe.context.free(numbers);
    probe.context.free(sums);
  }

  void memory() {
    long before = probe.context.freeMemory();
    assertTrue(before <= probe.context.totalMemory());
    long block = probe.context.allocate(64 << 20);
    assertEquals(0, block % 256);
    assertTrue(probe.context.freeMemory() <= before - (64 << 20));
    probe.context.free(block);
    CudaException failure =
        assertThrows(CudaException.class, () -> probe.context.allocate(Long.MAX_VALUE / 2));
    assertTrue(failure.isOutOfMemory());
    probe.context.synchronize();
  }

  void badImages() {
    CudaException failure =
        assertThrows(
            CudaException.class, () -> new KernelModule(probe.context, "noise", new byte[4096]));
    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("cuModuleLoadData(noise): CUDA_ERROR_"));
    assertEquals(
        "cuModuleGetFunction(absent of probe): CUDA_ERROR_NOT_FOUND: named symbol not found",
        assertThrows(CudaException.class, () -> probe.function("absent")).getMessage());
  }

  /** After this the device is of no use any more. */
  void aKernelThatFails() {
    probe.launch("saxpy_f32").int64(1).float32(1).address(8).address(16).on(probe.stream);
    CudaException failure = assertThrows(CudaException.class, probe.stream::synchronize);
    assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", failure.code());
  }
}
