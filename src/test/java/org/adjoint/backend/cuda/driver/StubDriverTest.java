package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JCuda on a driver that does nothing but fail as it is told: what the user reads, in JVMs of their
 * own, since a JVM binds one driver.
 */
class StubDriverTest {
  @TempDir static Path folder;

  @BeforeAll
  static void compile() throws IOException {
    Native.library(folder, "libcuda.so.1", "stub.cpp");
    Native.library(folder, "libcublas.so.13", "cublas13.cpp");
    Native.library(folder, "libgone.so.1", "cublas13.cpp");
    Path gone = folder.resolve("libgone.so.1");
    Native.library(folder, "libcudnn.so.9", "cublas13.cpp", gone);
    Files.delete(gone);
  }

  private static void prints(String session, Map<String, String> stub, String expected)
      throws IOException {
    Native.Output output = Native.java(folder, stub, StubSession.class, session);
    assertEquals(new Native.Output(0, expected.lines().toList()), output);
  }

  @Test
  void problemsAreOneLine() throws IOException {
    prints(
        "problem",
        Map.of("STUB_VERSION", "11080"),
        "the driver knows CUDA up to 11.8, and 12.0 is needed: install a newer driver");
    prints(
        "problem",
        Map.of("STUB_INIT", "100"),
        "cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected");
    prints("problem", Map.of("STUB_DEVICES", "0"), "the driver is there, but shows no device");
    prints("problem", Map.of("STUB_INIT", "9999"), "cuInit: CUresult 9999");
  }

  @Test
  void aDeviceThatIsNotThere() throws IOException {
    prints(
        "device",
        Map.of(),
        "UnsupportedOperationException: device cuda:1 is not available: CUDA shows 1 device");
  }

  @Test
  void theReportNamesWhatWasBoundAndWhatFailed() throws IOException {
    prints(
        "report",
        Map.of("STUB_DEVICES", "2"),
        """
        CUDA: driver for 13.0 (%1$s/libcuda.so.1)
        cuda:0: Stub, compute capability 9.0, 1,024 MB
        cuda:1: Stub, compute capability 9.0, 1,024 MB
        cuBLAS: 13.1.1 (%1$s/libcublas.so.13)
        cuDNN: cuDNN does not load: %1$s/libcudnn.so.9: libgone.so.1: cannot open shared object file: No such file or directory
        Kernels: %2$s
        """
            .formatted(folder, kernelsOfAFreshProcess()));
  }

  /** Tests before this one may have told this process to take the emulator's. */
  private static String kernelsOfAFreshProcess() {
    String here = System.clearProperty(KernelFiles.PROPERTY);
    try {
      return KernelFiles.here().report();
    } finally {
      if (here != null) {
        System.setProperty(KernelFiles.PROPERTY, here);
      }
    }
  }

  @Test
  void errorsSayWhatAndWhy() throws IOException {
    prints(
        "errors",
        Map.of("STUB_SYNCHRONIZE", "700"),
        """
        CudaException: cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: out of memory
        CudaException: cuModuleGetFunction(absent of probe): CUDA_ERROR_NOT_FOUND: named symbol not found
        IllegalStateException: launch: no kernel; begin with of(function)
        IllegalArgumentException: launch of saxpy_f32: a grid of 0 × 1 × 1 blocks; it goes from 1 to 2147483647 × 65535 × 65535
        IllegalArgumentException: launch of saxpy_f32: a grid of 1 × 65536 × 1 blocks; it goes from 1 to 2147483647 × 65535 × 65535
        IllegalArgumentException: launch of saxpy_f32: a grid of 2147483648 × 1 × 1 blocks; it goes from 1 to 2147483647 × 65535 × 65535
        IllegalArgumentException: launch of saxpy_f32: a block of 1025 × 1 × 1 threads; it takes 1 to 1024, 64 along z
        IllegalArgumentException: launch of saxpy_f32: a block of 1 × 1 × 65 threads; it takes 1 to 1024, 64 along z
        IllegalArgumentException: launch of saxpy_f32: a block of 65536 × 65536 × 1 threads; it takes 1 to 1024, 64 along z
        IllegalArgumentException: launch of saxpy_f32: -1 bytes of shared memory
        IllegalArgumentException: launch of saxpy_f32: 232,448 bytes of dynamic shared memory, but a block may have 232,320 beside its own 128
        IllegalStateException: arguments: a struct was begun and not ended
        CudaException: cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered
        CudaException: cuStreamSynchronize: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered
        """);
  }

  @Test
  void sharedMemoryIsAskedForOnceAndOnlyIfNeedBe() throws IOException {
    prints(
        "shared",
        Map.of("STUB_TALK", "1"),
        """
        stub: cuCtxSetCurrent 0
        stub: cuStreamCreate 1
        launch with 1024
        launch with 49024
        launch with 49025
        stub: shared memory allowed 49025
        launch with 100000
        stub: shared memory allowed 100000
        launch with 60000
        launch with 232320
        stub: shared memory allowed 232320
        """);
  }

  @Test
  void theContextFollowsTheThread() throws IOException {
    prints(
        "threads",
        Map.of("STUB_TALK", "1"),
        """
        stub: cuCtxSetCurrent 0
        stub: cuStreamCreate 1
        main
        PlatformThreadBuilder
        stub: cuCtxSetCurrent 0
        VirtualThreadBuilder
        stub: cuCtxSetCurrent 0
        stub: cuCtxSetCurrent 0
        """);
  }

  @Test
  void cublasOfCuda13IsCalledWithoutJcublas() throws IOException {
    prints(
        "blas",
        Map.of(),
        """
        13.1.1
        products are right
        CudaException: cublasSetWorkspace_v2: no such function: %s/libcublas.so.13
        """
            .formatted(folder));
  }

  @Test
  void cublasOfCuda13NeedsADriverOfCuda13() throws IOException {
    Native.Output output =
        Native.java(folder, Map.of("STUB_VERSION", "12040"), StubSession.class, "report");
    List<String> cublas = output.lines().stream().filter(s -> s.startsWith("cuBLAS")).toList();
    assertEquals(1, cublas.size());
    assertEquals(-1, cublas.getFirst().indexOf("libcublas.so.13 "), cublas.getFirst());
  }

  /** The jars of JCuda are optional: who has only the library's own classes is told so. */
  @Test
  void withoutJcuda() throws Exception {
    String classes =
        Path.of(Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            + File.pathSeparator
            + Path.of(
                StubSession.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    assertEquals(
        new Native.Output(
            0,
            List.of(
                "CUDA: JCuda is not on the class path (org.jcuda: jcuda, jcublas, jcudnn and their"
                    + " natives)")),
        Native.java(classes, folder, Map.of(), StubSession.class, "report"));
  }
}
