package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The NVIDIA Management Library, which comes with the driver: how fast a GPU's clock runs, and
 * whether something slows it. It is only read, never set. JCuda does not have it.
 */
@SuppressWarnings("restricted") // to call C is what it is for
public final class Nvml {
  private static final String FILE = "libnvidia-ml.so.1";

  /** nvmlClockType_t: that of the multiprocessors. */
  private static final int SM_CLOCK = 1;

  /**
   * nvmlClocksThrottleReasons: the hardware, heat, and the brake of the power supply. That it stays
   * below its power cap is a GPU's daily life under load.
   */
  private static final long SLOWED = 0x8 | 0x20 | 0x40 | 0x80;

  private final MethodHandle clock;
  private final MethodHandle reasons;
  private final MemorySegment device;
  private final MemorySegment answer = Arena.global().allocate(JAVA_LONG);

  private Nvml(SymbolLookup library, String bus) throws Throwable {
    clock = function(library, "nvmlDeviceGetClockInfo", "LIL");
    reasons = function(library, "nvmlDeviceGetCurrentClocksThrottleReasons", "LL");
    require((int) function(library, "nvmlInit_v2", "").invokeExact());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(ADDRESS);
      require(
          (int)
              function(library, "nvmlDeviceGetHandleByPciBusId_v2", "LL")
                  .invokeExact(arena.allocateFrom(bus).address(), found.address()));
      device = found.get(ADDRESS, 0);
    }
  }

  /** That of a device; empty where the library is missing, or does not know it. */
  public static Optional<Nvml> of(Context context) {
    try {
      SymbolLookup library = SymbolLookup.libraryLookup(FILE, Arena.global());
      return Optional.of(new Nvml(library, context.bus()));
    } catch (Throwable e) {
      return Optional.empty();
    }
  }

  /** The C function {@code int name(…)}: of a parameter, I says that it is an int, L a pointer. */
  private static MethodHandle function(SymbolLookup library, String name, String parameters) {
    ValueLayout[] layouts =
        parameters
            .chars()
            .mapToObj(c -> c == 'I' ? JAVA_INT : JAVA_LONG)
            .toArray(ValueLayout[]::new);
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, layouts));
  }

  private static void require(int status) {
    if (status != 0) {
      throw new IllegalStateException("NVML: status " + status);
    }
  }

  /** Whether heat or the hardware itself keeps the clock down now; no if it cannot say. */
  public synchronized boolean isSlowing() {
    try {
      int status = (int) reasons.invokeExact(device.address(), answer.address());
      return status == 0 && (answer.get(JAVA_LONG, 0) & SLOWED) != 0;
    } catch (Throwable e) {
      return false;
    }
  }

  /** The rate of the multiprocessors' clock now, in MHz; 0 if it cannot say. */
  public synchronized int megahertz() {
    try {
      int status = (int) clock.invokeExact(device.address(), SM_CLOCK, answer.address());
      return status == 0 ? answer.get(JAVA_INT, 0) : 0;
    } catch (Throwable e) {
      return 0;
    }
  }
}
