package org.adjoint.emulator;

import static org.adjoint.emulator.EmulatedDevice.ILLEGAL_ADDRESS;
import static org.adjoint.emulator.EmulatedDevice.LAUNCH_FAILED;
import static org.adjoint.emulator.EmulatedDevice.MISALIGNED_ADDRESS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each planted fault is found under every schedule, with its kernel, line, block and thread. */
class FaultsTest {
  private static final int SCHEDULES = 8;

  private static EmulatedDevice device;
  private static MemorySegment checked;
  private static MemorySegment fast;

  /** Memory of 64, 256 and 1024 floats that hold zeros, of 1024 that nothing wrote, and freed. */
  private static long small, middle, large, ticket, unwritten, freed;

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    checked = PlantedKernels.load("faulty", Mode.CHECKED);
    fast = PlantedKernels.load("faulty", Mode.FAST);
    device.quiet(true);
    small = device.upload(new float[64]);
    middle = device.upload(new float[256]);
    large = device.upload(new float[1024]);
    ticket = device.upload(0);
    unwritten = device.allocate(4096);
    freed = device.allocate(4096);
    device.free(freed);
  }

  @AfterEach
  void reset() {
    device.reset();
  }

  /** A kernel, how it is launched, and what its error must say. */
  private record Fault(String kernel, Shape shape, Object[] arguments, int status, String says) {
    @Override
    public String toString() {
      return kernel;
    }
  }

  private static Fault fault(
      String kernel, Shape shape, int status, String says, Object... arguments) {
    return new Fault(kernel, shape, arguments, status, says);
  }

  static List<Fault> faults() {
    build();
    Shape warp = Shape.of(1, 32);
    Shape block = Shape.of(1, 256);
    return List.of(
        fault(
            "shifted_read",
            block,
            ILLEGAL_ADDRESS,
            "0 bytes past the end of 1024",
            middle,
            large,
            256),
        fault("unguarded", block, ILLEGAL_ADDRESS, "past the end of 256 bytes", middle, small, 64),
        fault("before_the_start", warp, ILLEGAL_ADDRESS, "", small),
        fault("freed", warp, ILLEGAL_ADDRESS, "that were freed", freed),
        fault(
            "beyond_the_tile",
            warp,
            ILLEGAL_ADDRESS,
            "bytes 128 to 131 of the 128 of the shared array tile",
            middle,
            large),
        fault(
            "beyond_dynamic",
            new Shape(1, 1, 64, 1, 248, false),
            ILLEGAL_ADDRESS,
            "of the 248 of dynamic shared",
            large),
        fault("unwritten", warp, LAUNCH_FAILED, "which nothing has written", unwritten, large),
        fault(
            "unwritten_shared",
            Shape.of(1, 64),
            LAUNCH_FAILED,
            "of the shared array tile, which nothing has written",
            large),
        fault("missing_barrier", block, LAUNCH_FAILED, "reads byte", middle, large),
        fault("missing_second_barrier", block, LAUNCH_FAILED, "race: ", large, middle, 4),
        fault("missing_syncwarp", warp, LAUNCH_FAILED, "reads byte", small, large),
        fault(
            "race_of_blocks", Shape.of(4, 32), LAUNCH_FAILED, "with no barrier of the grid", large),
        fault("race_in_place", Shape.of(4, 64), LAUNCH_FAILED, "race: ", middle, 256),
        fault("sum_without_atomic", Shape.of(2, 64), LAUNCH_FAILED, "race: ", middle, large),
        fault(
            "reset_too_late",
            Shape.of(1, 64),
            LAUNCH_FAILED,
            "updates byte 0 of the shared array count",
            large),
        fault(
            "missing_fence", Shape.of(5, 32), LAUNCH_FAILED, "race: reads", middle, ticket, large),
        fault(
            "divergent_barrier",
            block,
            LAUNCH_FAILED,
            "barrier reached by 100 of the block's 256 threads",
            large),
        fault("early_return", block, LAUNCH_FAILED, "(250, 0, 0) has ended", middle, large, 250),
        fault(
            "two_barriers",
            Shape.of(1, 64),
            LAUNCH_FAILED,
            "of which other threads do not know",
            large),
        fault("divergent_shuffle", warp, LAUNCH_FAILED, "__shfl_down_sync", large),
        fault("wrong_mask", warp, LAUNCH_FAILED, "0x0000ffff", large),
        fault("wrong_lane", warp, LAUNCH_FAILED, "which the mask does not name", large),
        fault("misaligned", warp, MISALIGNED_ADDRESS, "not a multiple of 16", middle, large),
        fault("misaligned_shared", Shape.of(1, 128), MISALIGNED_ADDRESS, "shared array row", large),
        fault("endless", warp, 702, "a loop without an end?", large, 10),
        fault("divided_by_zero", warp, LAUNCH_FAILED, "divides an integer by zero", large, 7),
        fault(
            "grid_sync_of_some",
            new Shape(3, 1, 32, 1, 0, true),
            LAUNCH_FAILED,
            "only 2 of 3 blocks",
            large));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void isNamedWithItsLine(Fault fault) {
    List<Integer> lines = PlantedKernels.marked("faulty", fault.kernel);
    assertFalse(lines.isEmpty());
    device.seconds(0.2);
    MemorySegment function = device.function(checked, fault.kernel);
    for (int seed = 1; seed <= SCHEDULES; seed++) {
      device.seed(seed);
      int status = device.run(function, fault.shape, fault.arguments);
      String report = device.report();
      device.reset();
      assertEquals(fault.status, status, report);
      assertTrue(
          lines.stream()
              .anyMatch(line ->
                  report.matches(
                      fault.kernel + " (at .*, called )?at faulty.cu:" + line + ", block .*")),
          report);
      assertTrue(report.contains(", thread (") && report.contains(fault.says), report);
    }
    device.seconds(60);
  }
}
