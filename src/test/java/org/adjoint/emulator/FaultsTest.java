package org.adjoint.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.emulator.EmulatedDevice.Shape;
import org.adjoint.emulator.Emulator.Mode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each planted fault is found under every schedule, with its kernel, line, block and thread. */
class FaultsTest {
  private static final int SCHEDULES = 8;

  private static EmulatedDevice device;

  /** Memory that kernels are given, by name. Floats are zeros where nothing else is said. */
  private static Map<String, Long> memory;

  private static final MemorySegment[] MODULES = new MemorySegment[2];

  @BeforeAll
  static void build() {
    device = PlantedKernels.device();
    for (Mode mode : Mode.values()) {
      MODULES[mode.ordinal()] = PlantedKernels.load("faulty", mode);
    }
    device.quiet(true);
    long freed = device.allocate(4096);
    device.free(freed);
    memory =
        Map.of(
            "x64", device.upload(new float[64]),
            "x256", device.upload(new float[256]),
            "x1024", device.upload(new float[1024]),
            "ticket", device.upload(0),
            "freed", freed);
  }

  @AfterAll
  static void printAgain() {
    device.quiet(false);
  }

  @AfterEach
  void reset() {
    device.reset();
    device.seconds(60);
  }

  /** The grid and block of "3 × 64", with "+ 248" bytes of shared memory, or run "together". */
  private static Shape shape(String text) {
    String[] words = text.split("[ ×+]+");
    boolean together = text.endsWith("together");
    int shared = text.contains("+") ? Integer.parseInt(words[2]) : 0;
    return new Shape(
        Integer.parseInt(words[0]), 1, Integer.parseInt(words[1]), 1, shared, together);
  }

  private static Object argument(String word) {
    if (word.equals("unwritten")) {
      return device.allocate(4096);
    }
    return memory.containsKey(word) ? (Object) memory.get(word) : (Object) Integer.valueOf(word);
  }

  // What the fast build finds too says so; 700 is an illegal address, 716 a misaligned one, 719 a
  // failed launch, 702 a launch that takes too long.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          shifted_read           | 1 × 256          | x256 x1024 256  | 700 |      | reads 4 bytes: 0 bytes past the end of 1024
          unguarded              | 1 × 256          | x256 x64 64     | 700 |      | bytes past the end of 256 bytes of memory
          before_the_start       | 1 × 32           | x64             | 700 |      | writes 4 bytes: 4 bytes before 256 bytes of
          freed                  | 1 × 32           | freed           | 700 | fast | that were freed
          beyond_the_tile        | 1 × 32           | x256 x1024      | 700 |      | uses element 32 of an array 'float [32]'
          beyond_dynamic         | 1 × 64 + 248     | x1024           | 700 |      | of the 248 of dynamic shared memory
          unwritten              | 1 × 32           | unwritten x1024 | 719 |      | which nothing has written
          unwritten_shared       | 1 × 64           | x1024           | 719 |      | of the shared array tile, which nothing has written yet
          missing_barrier        | 1 × 256          | x256 x1024      | 719 |      | reads byte
          missing_second_barrier | 1 × 256          | x1024 x256 4    | 719 |      | race:
          missing_syncwarp       | 1 × 32           | x64 x1024       | 719 |      | reads byte
          race_of_blocks         | 4 × 32           | x1024           | 719 |      | has written at faulty.cu:80 with no barrier of the grid in between
          race_in_place          | 4 × 64           | x256 256        | 719 |      | race:
          sum_without_atomic     | 2 × 64           | x256 x1024      | 719 |      | race:
          reset_too_late         | 1 × 64           | x1024           | 719 |      | updates byte 0 of the shared array count
          missing_fence          | 5 × 32           | x256 ticket x64 | 719 |      | race: reads
          divergent_barrier      | 1 × 256          | x1024           | 719 | fast | barrier reached by 100 of the block's 256 threads
          early_return           | 1 × 256          | x256 x1024 250  | 719 | fast | thread (250, 0, 0) has ended
          two_barriers           | 1 × 64           | x1024           | 719 | fast | of which other threads do not know
          divergent_shuffle      | 1 × 32           | x1024           | 719 | fast | __shfl_down_sync
          wrong_mask             | 1 × 32           | x1024           | 719 | fast | 0x0000ffff
          wrong_lane             | 1 × 32           | x1024           | 719 | fast | which the mask does not name
          misaligned             | 1 × 32           | x256 x1024      | 716 |      | not a multiple of 16
          misaligned_shared      | 1 × 128          | x1024           | 716 |      | of the shared array row: not a multiple of 16
          endless                | 1 × 32           | x1024 10        | 702 | fast | a loop without an end?
          divided_by_zero        | 1 × 32           | x1024 7         | 719 | fast | divides an integer by zero
          grid_sync_of_some      | 3 × 32 together  | x1024           | 719 | fast | reached by all threads of only 2 of 3 blocks
          deep_stack             | 1 × 32           | x1024 10        | 719 | fast | overflow the emulator's stack
          """)
  void isNamedWithItsLine(
      String kernel, String launch, String arguments, int status, String fast, String says) {
    List<Integer> lines = PlantedKernels.marked("faulty", kernel);
    assertFalse(lines.isEmpty());
    Object[] values = Stream.of(arguments.split(" +")).map(FaultsTest::argument).toArray();
    device.seconds(0.05);
    for (Mode mode : fast == null ? new Mode[] {Mode.CHECKED} : Mode.values()) {
      MemorySegment function = device.function(MODULES[mode.ordinal()], kernel);
      for (int seed = 1; seed <= SCHEDULES; seed++) {
        device.seed(seed);
        int got = device.run(function, shape(launch), values);
        String report = device.report();
        device.reset();
        assertEquals(status, got, report);
        assertTrue(
            lines.stream().anyMatch(line -> report.matches(named(kernel, line))),
            () -> mode + ": " + report);
        assertTrue(report.contains(says), report);
      }
    }
  }

  private static String named(String kernel, int line) {
    String index = "\\(\\d+, \\d+, \\d+\\)";
    return "%s (at .*, called )?at faulty.cu:%d, block %s, thread %s: .*"
        .formatted(kernel, line, index, index);
  }
}
