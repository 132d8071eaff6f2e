package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;

/** What is queued, in which order and from which thread, on such a device. */
final class StreamChecks {
  private final Probe probe;

  StreamChecks(Probe probe) {
    this.probe = probe;
  }

  void copies() {
    long a = probe.context.allocate(64);
    long b = probe.context.allocate(64);
    try (Pinned pinned = new Pinned(probe.context, 128)) {
      for (int i = 0; i < 16; i++) {
        pinned.segment().setAtIndex(JAVA_INT, i, i);
      }
      probe.stream.upload(pinned, 8, a, 40);
      probe.stream.fill(b, (byte) -1, 64);
      probe.stream.copy(a + 4, b + 8, 8);
      probe.stream.fill(b + 32, 77, 2);
      probe.stream.download(b, pinned, 64, 64);
      probe.stream.synchronize();
      assertArrayEquals(
          new int[] {-1, -1, 3, 4, -1, -1, -1, -1, 77, 77, -1, -1, -1, -1, -1, -1},
          pinned.segment().asSlice(64).toArray(JAVA_INT));
      assertThrows(IndexOutOfBoundsException.class, () -> probe.stream.upload(pinned, 120, a, 16));
      probe.stream.uploadNow(pinned.segment().asSlice(4, 8), a);
    }
    // Part of a Java array, and parts of length 0.
    probe.stream.uploadNow(MemorySegment.ofArray(new int[] {5, 6, 7, 8}).asSlice(8, 4), a + 8);
    probe.stream.uploadNow(MemorySegment.ofArray(new byte[0]), a);
    probe.stream.copy(a, b, 0);
    int[] back = new int[5];
    probe.stream.downloadNow(a, MemorySegment.ofArray(back).asSlice(4, 12));
    assertArrayEquals(new int[] {0, 1, 2, 7, 0}, back);
    probe.context.free(a);
    probe.context.free(b);
  }

  void events() {
    int n = 100;
    long x = probe.upload(Probe.ramp(n));
    long y = probe.upload(new float[n]);
    try (Stream other = new Stream(probe.context);
        Event begin = Event.timer(probe.context);
        Event end = Event.timer(probe.context);
        Event written = Event.mark(probe.context)) {
      assertTrue(written.isDone());
      begin.record(probe.stream);
      probe.saxpy(3, x, y, n);
      written.record(probe.stream);
      other.waitFor(written);
      other.copy(y, x, n * 4);
      end.record(other);
      end.synchronize();
      assertTrue(end.isDone());
      assertTrue(end.millisSince(begin) >= 0);
      assertTrue(other.isDone());
      assertArrayEquals(Probe.times(Probe.ramp(n), 3), probe.floats(x, n));
    }
    probe.context.free(x);
    probe.context.free(y);
  }

  void graphs() {
    int n = 100;
    long x = probe.upload(Probe.ramp(n));
    long y = probe.upload(new float[n]);
    Runnable step =
        () -> {
          assertTrue(probe.stream.isCapturing());
          probe.saxpy(1, x, y, n);
          // The buffer of the arguments is used again before the first launch is made.
          probe.saxpy(2, x, y, n);
        };
    try (Graph graph = Graph.capture(probe.stream, step)) {
      assertFalse(probe.stream.isCapturing());
      assertArrayEquals(new float[n], probe.floats(y, n));
      for (int i = 0; i < 5; i++) {
        graph.launch(probe.stream);
      }
      assertArrayEquals(Probe.times(Probe.ramp(n), 15), probe.floats(y, n));
    }
    probe.context.free(x);
    probe.context.free(y);
  }

  void brokenCaptures() {
    IllegalStateException own = new IllegalStateException("own");
    Runnable throwing =
        () -> {
          throw own;
        };
    assertEquals(
        own,
        assertThrows(IllegalStateException.class, () -> Graph.capture(probe.stream, throwing)));
    assertFalse(probe.stream.isCapturing());
    CudaException allocated =
        assertThrows(
            CudaException.class,
            () -> Graph.capture(probe.stream, () -> probe.context.allocate(1024)));
    assertEquals("CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", allocated.code());
    assertEquals("cuMemAlloc", allocated.call());
    assertFalse(probe.stream.isCapturing());
    // Another thread may, and does not break the capture.
    Runnable loader = () -> probe.context.free(probe.context.allocate(1024));
    try (Graph graph = Graph.capture(probe.stream, () -> Probe.elsewhere(loader))) {
      graph.launch(probe.stream);
      probe.stream.synchronize();
    }
  }

  void otherThreads() {
    int n = 10;
    long x = probe.upload(Probe.ramp(n));
    long y = probe.upload(new float[n]);
    Runnable work =
        () -> {
          Launch own = new Launch();
          own.of(probe.function("saxpy_f32")).int64(n).float32(1).address(x).address(y);
          own.block(32).on(probe.stream);
        };
    Probe.elsewhere(work);
    Probe.join(Thread.ofVirtual().start(work));
    assertArrayEquals(Probe.times(Probe.ramp(n), 2), probe.floats(y, n));
    probe.context.free(x);
    probe.context.free(y);
  }
}
