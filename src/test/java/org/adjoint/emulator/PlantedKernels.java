package org.adjoint.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.adjoint.emulator.Emulator.Mode;

/** The kernels of src/test/cuda/kernels, compiled and loaded. */
final class PlantedKernels {
  private PlantedKernels() {}

  static EmulatedDevice device() {
    return Holder.DEVICE;
  }

  private static final class Holder {
    static final EmulatedDevice DEVICE =
        new EmulatedDevice(Emulator.build(Emulator.home(), Mode.FAST).libraries());
  }

  static Path source(String file) {
    return Emulator.home().resolve("src/test/cuda/kernels").resolve(file + ".cu");
  }

  static MemorySegment load(String file, Mode mode) {
    Path folder =
        Emulator.home().resolve("target/emulator/test-" + mode.name().toLowerCase(Locale.ROOT));
    return device().load(Emulator.build(Emulator.home(), mode).compile(source(file), folder));
  }

  /** The numbers of the lines that end in a mark: {@code // <- name}. */
  static List<Integer> marked(String file, String name) {
    try {
      List<String> lines = Files.readAllLines(source(file));
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).endsWith("// <- " + name)) {
          numbers.add(i + 1);
        }
      }
      return numbers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
