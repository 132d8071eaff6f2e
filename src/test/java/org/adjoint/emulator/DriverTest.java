package org.adjoint.emulator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CUDA's rules, as the emulated driver holds them: order in streams, captures, limits, handles. */
class DriverTest {
  private static final int INVALID_CONTEXT = 201;
  private static final int INVALID_HANDLE = 400;
  private static final int NOT_FOUND = 500;
  private static final int NOT_READY = 600;
  private static final int OUT_OF_RESOURCES = 701;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int CAPTURE_UNJOINED = 904;
  private static final int CAPTURE_ISOLATION = 905;

  private static EmulatedDevice device;
  private static MemorySegment module;
  private static MemorySegment add;

  private final Arena arena = Arena.ofConfined();
  private MemorySegment stream;

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    module = PlantedKernels.load("sound", Mode.FAST);
    add = device.function(module, "add_f32");
    device.quiet(true);
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

  private MemorySegment newStream() {
    return made("cuStreamCreate", 1);
  }

  /** What a call makes, whose first argument is where to put it. */
  private MemorySegment made(String call, Object... others) {
    MemorySegment handle = arena.allocate(ADDRESS);
    Object[] all = new Object[others.length + 1];
    all[0] = handle;
    System.arraycopy(others, 0, all, 1, others.length);
    device.require(call, all);
    return handle.get(ADDRESS, 0);
  }

  private MemorySegment pinned(int floats) {
    return made("cuMemHostAlloc", 4L * floats, 0).reinterpret(4L * floats);
  }

  /** Puts c = a + b of n numbers into a stream. */
  private int addIn(MemorySegment where, long a, long b, long c, int n) {
    MemorySegment pointers = arena.allocate(ADDRESS, 4);
    long[] values = {a, b, c, n};
    for (int i = 0; i < 4; i++) {
      pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(JAVA_LONG, values[i]));
    }
    return device.call(
        "cuLaunchKernel", add, 2, 1, 1, 32, 1, 1, 0, where, pointers, MemorySegment.NULL);
  }

  @Test
  void copiesFromPinnedMemoryHappenWhenTheStreamGetsThere() {
    MemorySegment host = pinned(1);
    long x = device.upload(0f);
    host.set(JAVA_FLOAT, 0, 1);
    device.require("cuMemcpyHtoDAsync_v2", x, host, 4L, stream);
    host.set(JAVA_FLOAT, 0, 2); // too early: the copy has not been waited for
    device.require("cuStreamSynchronize", stream);
    assertEquals(2, device.floats(x, 1)[0]);

    MemorySegment result = pinned(1);
    result.set(JAVA_FLOAT, 0, -1);
    device.require("cuMemcpyDtoHAsync_v2", result, x, 4L, stream);
    assertEquals(-1, result.get(JAVA_FLOAT, 0));
    device.require("cuStreamSynchronize", stream);
    assertEquals(2, result.get(JAVA_FLOAT, 0));
  }

  @Test
  void copiesFromPageableMemoryReadItAtOnce() {
    MemorySegment host = arena.allocateFrom(JAVA_FLOAT, 1);
    long x = device.upload(0f);
    device.require("cuMemcpyHtoDAsync_v2", x, host, 4L, stream);
    host.set(JAVA_FLOAT, 0, 2);
    device.require("cuStreamSynchronize", stream);
    assertEquals(1, device.floats(x, 1)[0]);
  }

  @Test
  void synchronousCopyDoesNotWaitForNonBlockingStreams() {
    long a = device.upload(1f);
    long c = device.upload(0f);
    assertEquals(0, addIn(stream, a, a, c, 1));
    assertEquals(0, device.floats(c, 1)[0]); // the launch is still to come
    device.require("cuStreamSynchronize", stream);
    assertEquals(2, device.floats(c, 1)[0]);
  }

  @Test
  void eventsOrderStreams() {
    MemorySegment copies = newStream();
    MemorySegment event = made("cuEventCreate", 2);
    MemorySegment host = pinned(1);
    host.set(JAVA_FLOAT, 0, 5);
    long x = device.upload(0f);
    long y = device.upload(0f);
    device.require("cuMemcpyHtoDAsync_v2", x, host, 4L, copies);
    assertEquals(0, addIn(stream, x, x, y, 1)); // nothing says that it waits for the copy
    device.require("cuStreamSynchronize", stream);
    assertEquals(0, device.floats(y, 1)[0]);

    device.require("cuEventRecord", event, copies);
    device.require("cuStreamWaitEvent", stream, event, 0);
    assertEquals(NOT_READY, device.call("cuEventQuery", event));
    assertEquals(0, addIn(stream, x, x, y, 1));
    device.require("cuStreamSynchronize", stream);
    assertEquals(10, device.floats(y, 1)[0]);
    assertEquals(0, device.call("cuEventQuery", event));
  }

  @Test
  void queriesLetTheStreamGoOn() {
    long a = device.upload(1f);
    assertEquals(0, addIn(stream, a, a, a, 1));
    assertEquals(NOT_READY, device.call("cuStreamQuery", stream));
    assertEquals(0, device.call("cuStreamQuery", stream));
  }

  @Test
  void graphIsReplayed() {
    long one = device.upload(1f);
    long x = device.upload(0f);
    device.require("cuStreamBeginCapture_v2", stream, 0);
    assertEquals(0, addIn(stream, x, one, x, 1));
    assertEquals(0, addIn(stream, x, x, x, 1));
    MemorySegment slot = arena.allocate(ADDRESS);
    device.require("cuStreamEndCapture", stream, slot);
    MemorySegment graph = slot.get(ADDRESS, 0);
    assertEquals(0, device.floats(x, 1)[0]); // nothing ran
    MemorySegment exec = made("cuGraphInstantiateWithFlags", graph, 0L);
    device.require("cuGraphDestroy", graph);
    for (int i = 0; i < 3; i++) {
      device.require("cuGraphLaunch", exec, stream);
    }
    device.require("cuStreamSynchronize", stream);
    assertEquals(14, device.floats(x, 1)[0]); // ((0 + 1) 2 + 1) 2 + 1) 2
    device.require("cuGraphExecDestroy", exec);
    assertEquals(INVALID_HANDLE, device.call("cuGraphLaunch", exec, stream));
  }

  @Test
  void streamsForkAndJoinInACapture() {
    MemorySegment other = newStream();
    MemorySegment event = made("cuEventCreate", 2);
    MemorySegment back = made("cuEventCreate", 2);
    long a = device.upload(1f);
    long b = device.upload(10f);
    device.require("cuStreamBeginCapture_v2", stream, 0);
    device.require("cuEventRecord", event, stream);
    device.require("cuStreamWaitEvent", other, event, 0);
    assertEquals(0, addIn(other, a, a, a, 1));
    assertEquals(0, addIn(stream, b, b, b, 1));
    MemorySegment slot = arena.allocate(ADDRESS);
    device.require("cuEventRecord", back, other);
    device.require("cuStreamWaitEvent", stream, back, 0);
    assertEquals(0, addIn(stream, a, b, b, 1));
    device.require("cuStreamEndCapture", stream, slot);
    MemorySegment exec = made("cuGraphInstantiateWithFlags", slot.get(ADDRESS, 0), 0L);
    device.require("cuGraphLaunch", exec, stream);
    device.require("cuStreamSynchronize", stream);
    assertEquals(22, device.floats(b, 1)[0]);

    device.require("cuStreamBeginCapture_v2", stream, 0);
    device.require("cuEventRecord", event, stream);
    device.require("cuStreamWaitEvent", other, event, 0);
    assertEquals(0, addIn(other, a, a, a, 1));
    assertEquals(CAPTURE_UNJOINED, device.call("cuStreamEndCapture", stream, slot));
  }

  @Test
  void whatACaptureForbidsInvalidatesIt() {
    long a = device.upload(1f);
    MemorySegment slot = arena.allocate(ADDRESS);
    MemorySegment status = arena.allocate(JAVA_INT);
    Runnable begin = () -> device.require("cuStreamBeginCapture_v2", stream, 0);
    Runnable end =
        () -> {
          device.require("cuStreamIsCapturing", stream, status);
          assertEquals(2, status.get(JAVA_INT, 0));
          assertEquals(CAPTURE_INVALIDATED, addIn(stream, a, a, a, 1));
          assertEquals(CAPTURE_INVALIDATED, device.call("cuStreamEndCapture", stream, slot));
          assertEquals(MemorySegment.NULL, slot.get(ADDRESS, 0));
          device.require("cuStreamIsCapturing", stream, status);
          assertEquals(0, status.get(JAVA_INT, 0));
        };
    begin.run();
    assertEquals(CAPTURE_UNSUPPORTED, device.call("cuMemAlloc_v2", slot, 4L));
    end.run();
    begin.run();
    assertEquals(CAPTURE_UNSUPPORTED, device.call("cuMemFree_v2", a));
    end.run();
    begin.run();
    assertEquals(CAPTURE_UNSUPPORTED, device.call("cuStreamSynchronize", stream));
    end.run();
    begin.run();
    assertEquals(CAPTURE_UNSUPPORTED, device.call("cuCtxSynchronize"));
    end.run();
    begin.run();
    MemorySegment heap = arena.allocate(4);
    assertEquals(CAPTURE_UNSUPPORTED, device.call("cuMemcpyHtoDAsync_v2", a, heap, 4L, stream));
    end.run();
    MemorySegment event = made("cuEventCreate", 2);
    device.require("cuEventRecord", event, newStream());
    begin.run();
    assertEquals(CAPTURE_ISOLATION, device.call("cuStreamWaitEvent", stream, event, 0));
    end.run();
  }

  @Test
  void limitsOfALaunch() {
    Object[] none = {0L, 0L, 0L, 0L};
    assertEquals(1, device.run(add, Shape.of(1, 1025), none));
    assertEquals(1, device.run(add, Shape.of(0, 32), none));
    assertEquals(1, device.run(add, new Shape(1, 65536, 32, 1, 0, false), none));
    assertEquals(0, device.run(add, new Shape(3, 65535, 1, 1, 0, false), none));
    int most = 48 << 10;
    assertEquals(0, device.run(add, new Shape(1, 1, 32, 1, most, false), none));
    assertEquals(1, device.run(add, new Shape(1, 1, 32, 1, most + 1, false), none));
    int optIn = 227 << 10;
    assertEquals(1, device.call("cuFuncSetAttribute", add, 8, optIn + 1));
    device.require("cuFuncSetAttribute", add, 8, optIn);
    assertEquals(0, device.run(add, new Shape(1, 1, 32, 1, optIn, false), none));
    MemorySegment bounded = device.function(module, "tiled_f32");
    assertEquals(OUT_OF_RESOURCES, device.run(bounded, Shape.of(1, 257), 0L, 0L, 0L, 0));
    MemorySegment together = device.function(module, "pass_round");
    assertEquals(720, device.run(together, new Shape(132 * 32 + 1, 1, 32, 1, 0, true), 0L, 0L, 0));
  }

  @Test
  void handlesAreChecked() {
    MemorySegment nobody = arena.allocate(64);
    assertEquals(INVALID_HANDLE, device.call("cuStreamSynchronize", nobody));
    assertEquals(INVALID_HANDLE, device.call("cuEventRecord", nobody, stream));
    assertEquals(INVALID_HANDLE, device.call("cuModuleUnload", nobody));
    assertEquals(
        NOT_FOUND,
        device.call("cuModuleGetFunction", nobody, module, arena.allocateFrom("no_such_kernel")));
    assertEquals(200, device.call("cuModuleLoadData", nobody, nobody));
    assertEquals(1, device.call("cuMemFree_v2", device.upload(1f) + 4));
    long x = device.upload(1f);
    assertEquals(1, device.call("cuMemcpyHtoD_v2", x, nobody, 8L));
    device.free(x);
    assertEquals(1, device.call("cuMemFree_v2", x));
    device.require("cuStreamDestroy_v2", stream);
    assertEquals(INVALID_HANDLE, device.call("cuStreamDestroy_v2", stream));
  }

  @Test
  void memoryRunsOut() {
    MemorySegment free = arena.allocate(JAVA_LONG);
    MemorySegment total = arena.allocate(JAVA_LONG);
    device.require("cuMemGetInfo_v2", free, total);
    long before = free.get(JAVA_LONG, 0);
    MemorySegment slot = arena.allocate(JAVA_LONG);
    assertEquals(2, device.call("cuMemAlloc_v2", slot, before + 1));
    device.require("cuMemAlloc_v2", slot, 1000L);
    assertEquals(0, slot.get(JAVA_LONG, 0) % 256);
    device.require("cuMemGetInfo_v2", free, total);
    assertEquals(before - 1000, free.get(JAVA_LONG, 0));
    device.free(slot.get(JAVA_LONG, 0));
    device.require("cuMemGetInfo_v2", free, total);
    assertEquals(before, free.get(JAVA_LONG, 0));
  }

  @Test
  void freshMemoryIsNotANumber() {
    long x = device.allocate(8);
    assertTrue(Float.isNaN(device.floats(x, 2)[1]));
  }

  @Test
  void everyThreadNeedsTheContext() throws InterruptedException {
    int[] status = new int[1];
    Thread other = new Thread(() -> status[0] = device.call("cuCtxSynchronize"));
    other.start();
    other.join();
    assertEquals(INVALID_CONTEXT, status[0]);
  }

  @Test
  void errorOfAKernelStaysUntilTheReset() {
    long a = device.allocate(4096); // ends with its page, so that even the fast build finds out
    MemorySegment pointers = arena.allocate(ADDRESS, 4);
    assertEquals(EmulatedDevice.ILLEGAL_ADDRESS, device.run(add, Shape.of(9, 128), a, a, a, 1025L));
    String report = device.report();
    assertTrue(report.matches("add_f32 at sound.cu:5, block \\(8, 0, 0\\), thread .*"), report);
    assertEquals(EmulatedDevice.ILLEGAL_ADDRESS, device.call("cuMemAlloc_v2", pointers, 4L));
    assertEquals(EmulatedDevice.ILLEGAL_ADDRESS, device.call("cuCtxSynchronize"));
    device.reset();
    assertEquals("", device.report());
    assertEquals(0, device.run(add, Shape.of(8, 128), a, a, a, 1024L));
  }

  @Test
  void seedsDecideTheSchedule() {
    MemorySegment order = device.function(module, "arrivals");
    long x = device.allocate(4 * 64);
    long ticket = device.upload(0);
    int[][] seen = new int[3][];
    long[] seeds = {1, 2, 1};
    for (int i = 0; i < 3; i++) {
      device.seed(seeds[i]);
      device.require("cuMemsetD32Async", ticket, 0, 1L, MemorySegment.NULL);
      assertEquals(0, device.run(order, Shape.of(64, 32), x, ticket));
      seen[i] = device.ints(x, 64);
    }
    org.junit.jupiter.api.Assertions.assertArrayEquals(seen[0], seen[2]);
    assertNotEquals(java.util.Arrays.toString(seen[0]), java.util.Arrays.toString(seen[1]));
  }
}
