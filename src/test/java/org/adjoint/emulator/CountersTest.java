package org.adjoint.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.adjoint.emulator.Counters.Traffic;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Memory traffic against counts made by hand. */
class CountersTest {
  private static EmulatedDevice device;
  private static MemorySegment module;

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    module = PlantedKernels.load("sound", Mode.CHECKED);
  }

  @AfterEach
  void stop() {
    device.count(false);
  }

  private static Counters counted(String kernel, Shape shape, Object... arguments) {
    MemorySegment function = device.function(module, kernel);
    device.count(true);
    assertEquals(0, device.run(function, shape, arguments), device::report);
    return device.counters();
  }

  @Test
  void sectorsOfContiguousAndStridedLoads() {
    long x = device.upload(new float[8 * 256]);
    long table = device.upload(new float[8]);
    long y = device.allocate(4 * 256);
    Counters dense = counted("strided_copy", Shape.of(4, 64), x, table, y, 1);
    assertEquals(256, dense.threads());
    assertEquals(new Traffic(8, 1024, 32, 32, 32, 32, 1024), device.traffic(x)[0]);
    assertEquals(new Traffic(8, 1024, 32, 32, 32, 32, 1024), dense.store());
    // The table: each of 8 warps asks for one sector, each of 4 blocks needs it once.
    assertEquals(new Traffic(8, 1024, 8, 8, 8, 4, 32), device.traffic(table)[0]);
    counted("strided_copy", Shape.of(4, 64), x, table, y, 8);
    assertEquals(new Traffic(8, 1024, 256, 32, 256, 256, 1024), device.traffic(x)[0]);
    assertEquals(new Traffic(8, 1024, 32, 32, 32, 32, 1024), device.traffic(y)[1]);
  }

  @Test
  void sixteenBytesAreOneAccess() {
    long x = device.upload(new float[512]);
    Counters c = counted("add_f32x4", Shape.of(1, 128), x, x, device.allocate(2048), 128);
    assertEquals(new Traffic(8, 4096, 128, 128, 128, 64, 2048), c.load());
    assertEquals(new Traffic(4, 2048, 64, 64, 64, 64, 2048), c.store());
  }

  @Test
  void bankConflicts() {
    long x = device.upload(new float[1024]);
    long y = device.allocate(4096);
    Shape tile = new Shape(1, 1, 32, 32, 0, false);
    Counters plain = counted("transpose_plain", tile, x, y);
    assertEquals(64, plain.sharedRequests());
    assertEquals(64, plain.sharedIdeal());
    assertEquals(32 + 32 * 32, plain.sharedTurns());
    Counters padded = counted("transpose_padded", tile, x, y);
    assertEquals(64, padded.sharedTurns());
    assertEquals(1, padded.barriers());
  }

  @Test
  void atomicsAndWarpCalls() {
    int n = 128;
    long x = device.upload(new int[n]);
    long bins = device.upload(new int[16]);
    Counters c = counted("histogram", Shape.of(2, 64), x, bins, n);
    assertEquals(n + 2 * 16, c.atomics());
    assertEquals(4, c.barriers());
    long y = device.allocate(8);
    Counters sums = counted("row_sum_f32", new Shape(2, 1, 64, 1, 256, false), x, y, 64);
    assertEquals(2 * 5, sums.warpCalls());
  }
}
