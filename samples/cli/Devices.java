package org.adjoint.samples.cli;

import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.adjoint.Device;
import org.adjoint.backend.Backend;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.emulator.Emulator;

/** The devices that can be named on the command line. */
public final class Devices {
  /** What {@code --device} understands. */
  static final String DESCRIPTION =
      "cpu, cuda:0, best (a GPU where one can be used), or emulator: a GPU that g++ makes of this"
          + " source";

  private static final String EMULATOR = "emulator";
  private static final String BEST = "best";

  private Devices() {}

  /**
   * The device that {@code text} names, ready for use.
   *
   * @throws UserError if it names none, or that one is not available; the message says why
   */
  public static Device open(String text) {
    if (text.equals(BEST)) {
      return Device.best();
    }
    try {
      if (isEmulator(text)) {
        emulate();
      }
      Device device = Device.parse(isEmulator(text) ? "cuda" : text);
      Backend.of(device);
      return device;
    } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Sees to it that CUDA's libraries and kernels are the emulator's. Every tensor gets an
   * allocation of its own, full of NaN, so that what reads beside it or too early is seen.
   */
  private static void emulate() {
    String given = System.getProperty("adjoint.kernels");
    Emulator.build(Emulator.home(), Emulator.Mode.CHECKED).serve();
    // Others may be tried, which were compiled for the emulator from elsewhere.
    if (given != null) {
      System.setProperty("adjoint.kernels", given);
    }
    System.setProperty("adjoint.cuda.cache", "false");
    System.setProperty("adjoint.poison", "true");
  }

  /** Whether {@code text} names the emulator. */
  public static boolean isEmulator(String text) {
    return text.equals(EMULATOR);
  }

  /**
   * What chooses the order in which the threads of later launches run on the device that {@code
   * text} names: nothing does, but on the emulator.
   */
  static LongConsumer schedule(String text) {
    if (!isEmulator(text)) {
      return seed -> {};
    }
    return new EmulatedDevice(Path.of(System.getProperty("adjoint.cuda.libraries")))::seed;
  }
}
