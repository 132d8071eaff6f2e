package org.adjoint.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;

/**
 * How many parameters a kernel has, and how large each is: drivers since CUDA 12.4 tell. JCuda does
 * not have the call, so Java makes it itself. Of types nothing is known but their size.
 *
 * @param sizes in bytes
 */
record Parameters(int[] sizes) {
  private static final int MOST = 1024;

  @SuppressWarnings("restricted") // to call C is what it is for
  private static final class Call {
    static final @Nullable MethodHandle HERE = find();

    private static @Nullable MethodHandle find() {
      Libraries.Binding driver = Libraries.bind(Library.CUDA);
      SymbolLookup library =
          driver.path() == null
              ? SymbolLookup.libraryLookup(driver.file(), Arena.global())
              : SymbolLookup.libraryLookup(driver.path(), Arena.global());
      return library
          .find("cuFuncGetParamInfo")
          .map(found ->
              Linker.nativeLinker()
                  .downcallHandle(
                      found,
                      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG)))
          .orElse(null);
    }
  }

  /** Those of a function, whose context is current; null if the driver does not tell. */
  static @Nullable Parameters of(long function) {
    MethodHandle call = Call.HERE;
    if (call == null) {
      return null;
    }
    int[] sizes = new int[MOST];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment results = arena.allocate(JAVA_LONG, 2);
      for (int i = 0; i < MOST; i++) {
        int status =
            (int)
                call.invokeExact(
                    function,
                    (long) i,
                    results.address(),
                    results.address() + JAVA_LONG.byteSize());
        if (status == CUresult.CUDA_ERROR_INVALID_VALUE) {
          return new Parameters(Arrays.copyOf(sizes, i));
        }
        if (status != CUresult.CUDA_SUCCESS) {
          return null;
        }
        sizes[i] = (int) results.getAtIndex(JAVA_LONG, 1);
      }
    } catch (Throwable e) {
      throw new IllegalStateException(
          "cuFuncGetParamInfo: " + e, e); // it is no Java, and throws none
    }
    return null;
  }

  /**
   * Compares with the arguments of a launch.
   *
   * @throws IllegalArgumentException if they are too few or too many, or one is of another size
   */
  void require(String kernel, Arguments arguments) {
    if (arguments.count() != sizes.length) {
      throw new IllegalArgumentException(
          "launch of %s: %d arguments, and the kernel takes %d"
              .formatted(kernel, arguments.count(), sizes.length));
    }
    for (int i = 0; i < sizes.length; i++) {
      if (arguments.size(i) != sizes[i]) {
        throw new IllegalArgumentException(
            "launch of %s: argument %d of %d has %d bytes, and the kernel's parameter %d"
                .formatted(kernel, i + 1, sizes.length, arguments.size(i), sizes[i]));
      }
    }
  }
}
