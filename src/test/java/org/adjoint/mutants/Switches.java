package org.adjoint.mutants;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adjoint.emulator.EmulatedDevice;

/** Which mutant of the kernels that the emulator runs is on, and which they came to. */
final class Switches {
  /** A mutant would have made a difference there. */
  private static final byte MATTERED = 2;

  private final EmulatedDevice device;

  Switches(EmulatedDevice device) {
    this.device = device;
  }

  /** Switches a site on in all of these entries. */
  void on(List<String> entries, int site) {
    try (Arena arena = Arena.ofConfined()) {
      device.require(
          "adjoint_emulator_mutant", arena.allocateFrom(String.join(" ", entries)), site);
    }
  }

  void off() {
    on(List.of(), -1);
  }

  /** Makes the device as it was in the beginning, whatever a kernel did to it. */
  void reset() {
    device.reset();
    device.seed(1);
  }

  /** Forgets what was launched so far. */
  void forget() {
    device.require("adjoint_emulator_forget");
  }

  /** For each entry that was launched since, what was seen of its first {@code count} sites. */
  Map<String, byte[]> seen(int count) {
    Map<String, byte[]> seen = new TreeMap<>();
    String launched = device.text("adjoint_emulator_launched");
    for (String entry : launched.isEmpty() ? new String[0] : launched.split(" ")) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment to = arena.allocate(count);
        device.require("adjoint_emulator_seen", arena.allocateFrom(entry), to, count);
        seen.put(entry, to.toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return seen;
  }

  static boolean mattered(byte seen) {
    return (seen & MATTERED) != 0;
  }
}
