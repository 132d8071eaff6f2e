package org.adjoint.bench.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;

/** OpenBLAS's {@code cblas_sgemm}, called from Java: no tensors, no tape, one result reused. */
@SuppressWarnings("restricted") // a library is called, as the launcher allows
final class OpenBlas {
  private static final String LIBRARY = "libopenblas.so.0";
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;

  private static final SymbolLookup SYMBOLS = open();
  private static final MethodHandle SGEMM =
      function(
          "cblas_sgemm",
          FunctionDescriptor.ofVoid(
              JAVA_INT,
              JAVA_INT,
              JAVA_INT,
              JAVA_INT,
              JAVA_INT,
              JAVA_INT,
              JAVA_FLOAT,
              ADDRESS,
              JAVA_INT,
              ADDRESS,
              JAVA_INT,
              JAVA_FLOAT,
              ADDRESS,
              JAVA_INT));

  private OpenBlas() {}

  private static SymbolLookup open() {
    try {
      return SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      System.err.println(LIBRARY + " is not installed (apt install libopenblas0-pthread)");
      System.exit(1);
      throw e;
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(SYMBOLS.findOrThrow(name), type);
  }

  /** Asks the library what it is, and gives it as many threads as Adjoint has. */
  static Map<String, String> versions() {
    try {
      function("openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT))
          .invoke((int) Integer.getInteger("adjoint.threads", 1));
      MemorySegment text =
          (MemorySegment) function("openblas_get_config", FunctionDescriptor.of(ADDRESS)).invoke();
      return Map.of("openblas", text.reinterpret(1000).getString(0));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static Optional<Job> job(String work) {
    return work.startsWith("sgemm-")
        ? Optional.of(sgemm(Integer.parseInt(work.substring("sgemm-".length()))))
        : Optional.empty();
  }

  private static Job sgemm(int n) {
    MemorySegment a = segment(Fill.floats(1, n * n, 1));
    MemorySegment b = segment(Fill.floats(2, n * n, 1));
    MemorySegment c = segment(new float[n * n]);
    return new Job(
        1,
        () -> multiply(n, a, b, c),
        () -> Fingerprint.of(multiply(n, a, b, c).toArray(JAVA_FLOAT)));
  }

  private static MemorySegment segment(float... values) {
    MemorySegment segment = Arena.global().allocate(values.length * 4L, 64);
    return segment.copyFrom(MemorySegment.ofArray(values));
  }

  private static MemorySegment multiply(int n, MemorySegment a, MemorySegment b, MemorySegment c) {
    try {
      SGEMM.invokeExact(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, n, n, n, 1f, a, n, b, n, 0f, c, n);
      return c;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
