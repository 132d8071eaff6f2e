package org.adjoint.emulator;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The emulated driver, called directly: for tests of the emulator itself and of single kernels, and
 * for the calls that CUDA does not have (a seed, a report, a reset, counters).
 *
 * <p>It shares the one device of the process with whoever else uses the library.
 */
public final class EmulatedDevice {
  /** cuGetErrorName's numbers, as far as tests ask for them. */
  public static final int SUCCESS = 0,
      INVALID_VALUE = 1,
      ILLEGAL_ADDRESS = 700,
      MISALIGNED_ADDRESS = 716,
      LAUNCH_FAILED = 719;

  private final SymbolLookup library;
  private final Map<String, MethodHandle> calls = new HashMap<>();

  /** Loads the driver from a folder of {@link Emulator#libraries} and takes its context. */
  public EmulatedDevice(Path libraries) {
    library = SymbolLookup.libraryLookup(libraries.resolve("libcuda.so.1"), Arena.global());
    MemorySegment context = Arena.global().allocate(ADDRESS);
    require("cuInit", 0);
    require("cuDevicePrimaryCtxRetain", context, 0);
    require("cuCtxSetCurrent", context.get(ADDRESS, 0));
  }

  /** A module's image, loaded; give it to {@link #function}. */
  public MemorySegment load(Path image) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = Files.readAllBytes(image);
      MemorySegment module = arena.allocate(ADDRESS);
      require("cuModuleLoadData", module, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
      return module.get(ADDRESS, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A kernel of a module. */
  public MemorySegment function(MemorySegment module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment function = arena.allocate(ADDRESS);
      require("cuModuleGetFunction", function, module, arena.allocateFrom(name));
      return function.get(ADDRESS, 0);
    }
  }

  /** The address of fresh memory, which nothing has written. */
  public long allocate(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(JAVA_LONG);
      require("cuMemAlloc_v2", address, bytes);
      return address.get(JAVA_LONG, 0);
    }
  }

  /** The address of fresh memory that holds these numbers. */
  public long upload(float... numbers) {
    long address = allocate(4L * numbers.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_FLOAT, numbers);
      require("cuMemcpyHtoD_v2", address, from, from.byteSize());
    }
    return address;
  }

  /** The address of fresh memory that holds these numbers. */
  public long upload(int... numbers) {
    long address = allocate(4L * numbers.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocateFrom(JAVA_INT, numbers);
      require("cuMemcpyHtoD_v2", address, from, from.byteSize());
    }
    return address;
  }

  /** Numbers of the device's memory. */
  public float[] floats(long address, int count) {
    return bytes(address, 4L * count).toArray(ValueLayout.JAVA_FLOAT);
  }

  /** Numbers of the device's memory. */
  public int[] ints(long address, int count) {
    return bytes(address, 4L * count).toArray(JAVA_INT);
  }

  /** Bytes of the device's memory. */
  public MemorySegment bytes(long address, long count) {
    MemorySegment to = Arena.ofAuto().allocate(count, 8);
    require("cuMemcpyDtoH_v2", to, address, count);
    return to;
  }

  /** Gives memory back. */
  public void free(long address) {
    require("cuMemFree_v2", address);
  }

  /** A grid, a block, dynamic shared memory in bytes, and whether all blocks run at once. */
  public record Shape(int gridX, int gridY, int blockX, int blockY, int shared, boolean together) {
    /** A grid and a block of one dimension. */
    public static Shape of(int grid, int block) {
      return new Shape(grid, 1, block, 1, 0, false);
    }
  }

  /**
   * Launches a kernel and waits for it.
   *
   * @param arguments Long for pointers and long long, Integer, Float, Double, or a MemorySegment
   *     for a struct by value
   * @return the first status that is not zero, or zero
   */
  public int run(MemorySegment function, Shape shape, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, arguments.length));
      for (int i = 0; i < arguments.length; i++) {
        MemorySegment value =
            switch (arguments[i]) {
              case Long number -> arena.allocateFrom(JAVA_LONG, number);
              case Integer number -> arena.allocateFrom(JAVA_INT, number);
              case Float number -> arena.allocateFrom(ValueLayout.JAVA_FLOAT, number);
              case Double number -> arena.allocateFrom(JAVA_DOUBLE, number);
              case MemorySegment struct -> struct;
              default -> throw new IllegalArgumentException("" + arguments[i]);
            };
        pointers.setAtIndex(ADDRESS, i, value);
      }
      List<Object> all = new ArrayList<>();
      all.addAll(List.of(function, shape.gridX, shape.gridY, 1, shape.blockX, shape.blockY, 1));
      all.addAll(List.of(shape.shared, MemorySegment.NULL, pointers));
      String call = "cuLaunchCooperativeKernel";
      if (!shape.together) {
        call = "cuLaunchKernel";
        all.add(MemorySegment.NULL);
      }
      int status = call(call, all.toArray());
      return status != 0 ? status : call("cuCtxSynchronize");
    }
  }

  /** What went wrong first since the last reset, or an empty text. */
  public String report() {
    return text("adjoint_emulator_report");
  }

  /** Calls a function of the library that returns a text. */
  public String text(String name) {
    try {
      MethodHandle call =
          Linker.nativeLinker()
              .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(ADDRESS));
      return ((MemorySegment) call.invoke()).reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Makes the device usable again after an error. */
  public void reset() {
    call("adjoint_emulator_reset");
  }

  /** Chooses the schedule of the launches that follow. */
  public void seed(long seed) {
    call("adjoint_emulator_seed", seed);
  }

  /** The CPU time that a launch may take. */
  public void seconds(double seconds) {
    call("adjoint_emulator_seconds", seconds);
  }

  /** Whether reports are kept without being printed. */
  public void quiet(boolean quiet) {
    call("adjoint_emulator_quiet", quiet ? 1 : 0);
  }

  /** Begins to count, from zero, or stops. */
  public void count(boolean on) {
    call("adjoint_emulator_count", on ? 1 : 0);
  }

  /** Since counting began: all blocks read these bytes, which are to be cached. */
  public void broadcast(long address, long bytes) {
    call("adjoint_emulator_broadcast", address, bytes);
  }

  /** The figures so far. */
  public Counters counters() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(JAVA_LONG, Counters.LONGS);
      call("adjoint_emulator_counters", to);
      return Counters.of(to);
    }
  }

  /** The loads, then the stores, of the allocation that holds an address. */
  public Counters.Traffic[] traffic(long address) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(JAVA_LONG, 2 * Counters.Traffic.LONGS);
      require("adjoint_emulator_traffic", address, to);
      return new Counters.Traffic[] {
        Counters.Traffic.of(to, 0), Counters.Traffic.of(to, Counters.Traffic.LONGS)
      };
    }
  }

  /** Calls a function of the library that returns an int, or nothing of use. */
  public int call(String name, Object... arguments) {
    try {
      return (int) handle(name, arguments).invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(name, e);
    }
  }

  /** The same, for a call that must succeed. */
  public void require(String name, Object... arguments) {
    int status = call(name, arguments);
    if (status != 0) {
      throw new IllegalStateException(name + ": status " + status + ": " + report());
    }
  }

  private MethodHandle handle(String name, Object... arguments) {
    return calls.computeIfAbsent(
        name,
        unknown -> {
          MemoryLayout[] layouts = new MemoryLayout[arguments.length];
          for (int i = 0; i < arguments.length; i++) {
            layouts[i] =
                switch (arguments[i]) {
                  case Long _ -> JAVA_LONG;
                  case Integer _ -> JAVA_INT;
                  case Double _ -> JAVA_DOUBLE;
                  case MemorySegment _ -> ADDRESS;
                  default -> throw new IllegalArgumentException(name + ": " + arguments[i]);
                };
          }
          return Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow(unknown), FunctionDescriptor.of(JAVA_INT, layouts));
        });
  }
}
