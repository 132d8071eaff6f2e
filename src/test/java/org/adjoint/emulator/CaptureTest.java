package org.adjoint.emulator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** CUDA's rules of stream capture, and graphs that are replayed. */
class CaptureTest extends StreamTests {
  private static final int INVALID_HANDLE = 400;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int CAPTURE_UNJOINED = 904;
  private static final int CAPTURE_ISOLATION = 905;

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
  void aThreadMayHeedCapturesNoMore() {
    long one = device.upload(1f);
    long x = device.upload(0f);
    MemorySegment slot = arena.allocate(ADDRESS);
    MemorySegment mode = arena.allocate(JAVA_INT);
    device.require("cuStreamBeginCapture_v2", stream, 1);
    mode.set(JAVA_INT, 0, 2);
    device.require("cuThreadExchangeStreamCaptureMode", mode);
    assertEquals(0, mode.get(JAVA_INT, 0)); // global, as each thread begins
    device.require("cuMemAlloc_v2", slot, 4L);
    device.require("cuMemFree_v2", slot.get(JAVA_LONG, 0));
    device.require("cuThreadExchangeStreamCaptureMode", mode);
    assertEquals(2, mode.get(JAVA_INT, 0));
    assertEquals(0, addIn(stream, x, one, x, 1));
    device.require("cuStreamEndCapture", stream, slot);
    device.require("cuGraphDestroy", slot.get(ADDRESS, 0));
  }
}
