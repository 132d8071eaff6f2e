package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What the package promises, on a device that runs kernels: the emulator or a GPU. */
final class DeviceChecks {
  private final Context context = Context.of(0);
  private final Stream stream = new Stream(context);
  private final Launch launch = new Launch();
  private final KernelModule probe;

  DeviceChecks(byte[] image) {
    probe = new KernelModule(context, "probe", image);
  }

  Stream stream() {
    return stream;
  }

  void attributes() {
    assertTrue(context.multiprocessors() > 0);
    assertTrue(context.capability() >= 80);
    assertEquals(32, context.warpSize());
    assertTrue(context.sharedPerBlock() > 48 << 10);
    KernelFunction saxpy = probe.function("saxpy_f32");
    assertTrue(saxpy.maxThreads() >= 256);
    assertTrue(saxpy.blocksPerMultiprocessor(256, 0) > 0);
    assertEquals(saxpy, probe.function("saxpy_f32"));
  }

  void arguments() {
    long out = context.allocate(9 * 8);
    launch
        .of(probe.function("arguments_f64"))
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
        .on(stream);
    double[] seen = new double[9];
    stream.downloadNow(out, MemorySegment.ofArray(seen));
    assertArrayEquals(new double[] {-3, 0x1p40, -5, 0, 0.5, Math.PI, 7, -11, 1}, seen);
    context.free(out);
  }

  void gridAndBlock() {
    long out = context.allocate(6 * 4);
    launch.of(probe.function("shape_i32")).address(out).grid(5, 3, 2).block(8, 2, 4).on(stream);
    assertArrayEquals(new int[] {5, 3, 2, 8, 2, 4}, ints(out, 6));
    context.free(out);
  }

  void launches() {
    int n = 1000;
    long x = upload(ramp(n));
    long y = upload(new float[n]);
    launch.of(probe.function("saxpy_f32")).int64(n).float32(2).address(x).address(y);
    launch.grid(4).block(256).on(stream);
    launch.on(stream);
    assertArrayEquals(times(ramp(n), 4), floats(y, n));
    context.free(x);
    context.free(y);
  }

  /** More shared memory than a block may have without asking. */
  void sharedMemory() {
    int n = 15_000;
    long x = upload(ramp(n));
    long y = upload(new float[n]);
    launch.of(probe.function("reverse_f32")).address(x).address(y).int32(n);
    launch.block(256).shared(n * 4L).on(stream);
    float[] expected = ramp(n);
    for (int i = 0; i < n; i++) {
      expected[i] = n - 1 - i;
    }
    assertArrayEquals(expected, floats(y, n));
    context.free(x);
    context.free(y);
  }

  void blocksThatWait() {
    int blocks = 3;
    long numbers = context.allocate(blocks * 4);
    long sums = context.allocate(blocks * 4);
    launch.of(probe.function("together_i32")).address(numbers).address(sums);
    launch.grid(blocks).block(32).togetherOn(stream);
    assertArrayEquals(new int[] {3, 3, 3}, ints(sums, blocks));
    context.free(numbers);
    context.free(sums);
  }

  void copies() {
    long a = context.allocate(64);
    long b = context.allocate(64);
    try (Pinned pinned = new Pinned(context, 128)) {
      for (int i = 0; i < 16; i++) {
        pinned.segment().setAtIndex(JAVA_INT, i, i);
      }
      stream.upload(pinned, 8, a, 40);
      stream.fill(b, (byte) -1, 64);
      stream.copy(a + 4, b + 8, 8);
      stream.fill(b + 32, 77, 2);
      stream.download(b, pinned, 64, 64);
      stream.synchronize();
      assertArrayEquals(
          new int[] {-1, -1, 3, 4, -1, -1, -1, -1, 77, 77, -1, -1, -1, -1, -1, -1},
          pinned.segment().asSlice(64).toArray(JAVA_INT));
      assertThrows(IndexOutOfBoundsException.class, () -> stream.upload(pinned, 120, a, 16));
      stream.uploadNow(pinned.segment().asSlice(4, 8), a);
    }
    // Part of a Java array, and parts of length 0.
    stream.uploadNow(MemorySegment.ofArray(new int[] {5, 6, 7, 8}).asSlice(8, 4), a + 8);
    stream.uploadNow(MemorySegment.ofArray(new byte[0]), a);
    stream.copy(a, b, 0);
    int[] back = new int[5];
    stream.downloadNow(a, MemorySegment.ofArray(back).asSlice(4, 12));
    assertArrayEquals(new int[] {0, 1, 2, 7, 0}, back);
    context.free(a);
    context.free(b);
  }

  void events() {
    int n = 100;
    long x = upload(ramp(n));
    long y = upload(new float[n]);
    try (Stream other = new Stream(context);
        Event begin = Event.timer(context);
        Event end = Event.timer(context);
        Event written = Event.mark(context)) {
      assertTrue(written.isDone());
      begin.record(stream);
      launch.of(probe.function("saxpy_f32")).int64(n).float32(3).address(x).address(y);
      launch.grid(1).block(128).on(stream);
      written.record(stream);
      other.waitFor(written);
      other.copy(y, x, n * 4);
      end.record(other);
      end.synchronize();
      assertTrue(end.isDone());
      assertTrue(end.millisSince(begin) >= 0);
      assertTrue(other.isDone());
      assertArrayEquals(times(ramp(n), 3), floats(x, n));
    }
    context.free(x);
    context.free(y);
  }

  void graphs() {
    int n = 100;
    long x = upload(ramp(n));
    long y = upload(new float[n]);
    Runnable step =
        () -> {
          assertTrue(stream.isCapturing());
          launch.of(probe.function("saxpy_f32")).int64(n).float32(1).address(x).address(y);
          launch.grid(1).block(128).on(stream);
          // The buffer of the arguments is used again before the first launch is made.
          launch.of(probe.function("saxpy_f32")).int64(n).float32(2).address(x).address(y);
          launch.grid(1).block(128).on(stream);
        };
    try (Graph graph = Graph.capture(stream, step)) {
      assertFalse(stream.isCapturing());
      assertArrayEquals(new float[n], floats(y, n));
      for (int i = 0; i < 5; i++) {
        graph.launch(stream);
      }
      assertArrayEquals(times(ramp(n), 15), floats(y, n));
    }
    context.free(x);
    context.free(y);
  }

  void brokenCaptures() {
    IllegalStateException own = new IllegalStateException("own");
    Runnable throwing =
        () -> {
          throw own;
        };
    assertEquals(
        own, assertThrows(IllegalStateException.class, () -> Graph.capture(stream, throwing)));
    assertFalse(stream.isCapturing());
    CudaException allocated =
        assertThrows(
            CudaException.class, () -> Graph.capture(stream, () -> context.allocate(1024)));
    assertEquals("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", allocated.code());
    assertEquals("cuMemAlloc", allocated.call());
    assertFalse(stream.isCapturing());
    // Another thread may, and does not break the capture.
    try (Graph graph =
        Graph.capture(stream, () -> elsewhere(() -> context.free(context.allocate(1024))))) {
      graph.launch(stream);
      stream.synchronize();
    }
  }

  void otherThreads() {
    int n = 10;
    long x = upload(ramp(n));
    long y = upload(new float[n]);
    Runnable work =
        () -> {
          Launch own = new Launch();
          own.of(probe.function("saxpy_f32")).int64(n).float32(1).address(x).address(y);
          own.block(32).on(stream);
        };
    elsewhere(work);
    join(Thread.ofVirtual().start(work));
    assertArrayEquals(times(ramp(n), 2), floats(y, n));
    context.free(x);
    context.free(y);
  }

  void memory() {
    long before = context.freeMemory();
    assertTrue(before <= context.totalMemory());
    long block = context.allocate(64 << 20);
    assertEquals(0, block % 256);
    assertTrue(context.freeMemory() <= before - (64 << 20));
    context.free(block);
    CudaException failure =
        assertThrows(CudaException.class, () -> context.allocate(Long.MAX_VALUE / 2));
    assertTrue(failure.isOutOfMemory());
    context.synchronize();
  }

  void badImages() {
    CudaException failure =
        assertThrows(CudaException.class, () -> new KernelModule(context, "noise", new byte[4096]));
    assertTrue(failure.getMessage().startsWith("cuModuleLoadData(noise): CUDA_ERROR_"));
    assertEquals(
        "cuModuleGetFunction(absent of probe): CUDA_ERROR_NOT_FOUND: named symbol not found",
        assertThrows(CudaException.class, () -> probe.function("absent")).getMessage());
  }

  /** After this the device is of no use any more. */
  void aKernelThatFails() {
    launch.of(probe.function("saxpy_f32")).int64(1).float32(1).address(8).address(16).on(stream);
    CudaException failure = assertThrows(CudaException.class, stream::synchronize);
    assertEquals("CUDA_ERROR_ILLEGAL_ADDRESS", failure.code());
  }

  private static void elsewhere(Runnable work) {
    join(Thread.ofPlatform().start(work));
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private long upload(float[] values) {
    long address = context.allocate(values.length * 4L);
    stream.uploadNow(MemorySegment.ofArray(values), address);
    return address;
  }

  private float[] floats(long address, int count) {
    float[] values = new float[count];
    stream.downloadNow(address, MemorySegment.ofArray(values));
    return values;
  }

  private int[] ints(long address, int count) {
    int[] values = new int[count];
    stream.downloadNow(address, MemorySegment.ofArray(values));
    return values;
  }

  private static float[] ramp(int count) {
    float[] values = new float[count];
    IntStream.range(0, count).forEach(i -> values[i] = i);
    return values;
  }

  private static float[] times(float[] values, float factor) {
    float[] products = Arrays.copyOf(values, values.length);
    IntStream.range(0, values.length).forEach(i -> products[i] *= factor);
    return products;
  }
}
