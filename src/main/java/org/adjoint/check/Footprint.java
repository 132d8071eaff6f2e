package org.adjoint.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.backend.Backend;

/**
 * The memory in use at one moment of a training, in bytes. Started as a program, with two numbers
 * of steps, it trains a small network and writes its footprint at each of them.
 *
 * @param live held by tensors
 * @param heap used in the Java heap after a collection
 * @param resident of the process, in physical memory; −1 where the system does not tell
 */
public record Footprint(long live, long heap, long resident) {
  private static final Path STATUS = Path.of("/proc/self/status");

  // Classes are loaded and methods compiled for longer than a network of this size trains.
  private static final long HEAP_SLACK = 1 << 20;
  private static final double RESIDENT_SLACK = 0.05;

  /** Writes a footprint per line. */
  public static void main(String[] args) {
    int[] marks = Stream.of(args).mapToInt(Integer::parseInt).toArray();
    for (Footprint footprint : train(marks)) {
      System.out.println(footprint.live + " " + footprint.heap + " " + footprint.resident);
    }
  }

  /** The footprints after {@code first} and after {@code last} steps in a JVM of their own. */
  public static List<Footprint> measure(int first, int last) {
    // With the heap touched at the start, what grows later is a leak outside of it; or it is the
    // memory that the optimising compiler takes, which is therefore left out.
    List<String> flags =
        List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1");
    return ChildJvm.run(flags, Footprint.class, List.of("" + first, "" + last)).stream()
        .map(line -> Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray())
        .map(numbers -> new Footprint(numbers[0], numbers[1], numbers[2]))
        .toList();
  }

  /** Trains, and looks after so many steps. */
  static List<Footprint> train(int... marks) {
    SmallNet net = new SmallNet(16, 20, 24, 5);
    List<Footprint> seen = new ArrayList<>();
    int done = 0;
    for (int mark : marks) {
      for (; done < mark; done++) {
        net.step();
      }
      seen.add(now());
    }
    return seen;
  }

  private static Footprint now() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    long live = Backend.of(Device.CPU).liveBytes();
    return new Footprint(live, memory.getHeapMemoryUsage().getUsed(), residentBytes());
  }

  private static long residentBytes() {
    if (!Files.isReadable(STATUS)) {
      return -1;
    }
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What grew since {@code earlier} that should not have; empty if nothing did. */
  public List<String> growthSince(Footprint earlier) {
    List<String> grown = new ArrayList<>();
    if (live != earlier.live) {
      grown.add("live bytes of tensors: expected %d, got %d".formatted(earlier.live, live));
    }
    if (heap > earlier.heap + HEAP_SLACK) {
      grown.add(
          "used heap: expected %d, got %d, bound %d".formatted(earlier.heap, heap, HEAP_SLACK));
    }
    if (resident > 0 && Math.abs(resident - earlier.resident) > RESIDENT_SLACK * earlier.resident) {
      grown.add(
          "resident memory: expected %d, got %d, bound %.0f %%"
              .formatted(earlier.resident, resident, 100 * RESIDENT_SLACK));
    }
    return grown;
  }
}
