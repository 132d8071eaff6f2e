package org.adjoint.emulator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.junit.jupiter.api.Test;

/** CUDA's rules, as the emulated driver holds them: order in streams, limits, handles, errors. */
class DriverTest extends StreamTests {
  private static final int INVALID_CONTEXT = 201;
  private static final int INVALID_HANDLE = 400;
  private static final int NOT_FOUND = 500;
  private static final int NOT_READY = 600;
  private static final int OUT_OF_RESOURCES = 701;

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
  void aKernelsParametersAreKnown() {
    MemorySegment kernel = device.function(module, "tiled_f32"); // three pointers and an int
    MemorySegment offset = arena.allocate(JAVA_LONG);
    MemorySegment size = arena.allocate(JAVA_LONG);
    device.require("cuFuncGetParamInfo", kernel, 2L, offset, size);
    assertEquals(8, size.get(JAVA_LONG, 0));
    device.require("cuFuncGetParamInfo", kernel, 3L, offset, size);
    assertEquals(4, size.get(JAVA_LONG, 0));
    assertEquals(1, device.call("cuFuncGetParamInfo", kernel, 4L, offset, size));
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
    assertArrayEquals(seen[0], seen[2]);
    assertNotEquals(Arrays.toString(seen[0]), Arrays.toString(seen[1]));
  }
}
