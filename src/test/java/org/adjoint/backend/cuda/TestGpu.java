package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.emulator.EmulatedDevice;
import org.adjoint.emulator.Emulator;
import org.jspecify.annotations.Nullable;

/**
 * The GPU that tests run on: the emulator, with every load and store checked, or with {@code
 * -Dadjoint.test.gpu=true} the first one of this machine.
 */
public final class TestGpu {
  /** Whether the GPU is a real one. */
  public static final boolean REAL = Boolean.getBoolean("adjoint.test.gpu");

  private static boolean ready;
  private static @Nullable EmulatedDevice emulated;

  private TestGpu() {}

  /** The device; the test that asks is skipped if there is no g++ to make the emulator with. */
  public static synchronized Device device() {
    if (!REAL && !ready) {
      assumeTrue(hasCompiler(), "no g++ for the emulator");
      Emulator.build(Emulator.home(), Emulator.Mode.CHECKED).serve();
      System.setProperty("adjoint.cuda.cache", "false");
      ready = true;
    }
    return new Device("cuda", 0);
  }

  /** Chooses the order of threads in the launches that follow; a real GPU has its own. */
  public static synchronized void schedule(long seed) {
    if (!REAL) {
      emulated().seed(seed);
    }
  }

  /** Makes the emulator usable again after a kernel's error; a real GPU is lost to the process. */
  public static synchronized void recover() {
    if (!REAL) {
      emulated().reset();
    }
  }

  private static EmulatedDevice emulated() {
    if (emulated == null) {
      emulated = new EmulatedDevice(Path.of(System.getProperty("adjoint.cuda.libraries")));
    }
    return emulated;
  }

  /** The bytes that tensors hold once the garbage of earlier tests has been collected. */
  static long settledBytes() throws InterruptedException {
    CudaBackend backend = CudaBackend.of(device());
    long before;
    long after = backend.liveBytes();
    do {
      before = after;
      System.gc();
      Thread.sleep(30);
      after = backend.liveBytes();
    } while (after < before);
    return after;
  }

  /** The device; tests of users' own kernels are skipped where nothing compiles for it. */
  public static Device compiling() {
    Device device = device();
    assumeTrue(!REAL || Nvcc.here().isPresent(), "no nvcc to compile users' kernels by");
    return device;
  }

  /** Whether g++ is found, by which the emulator is made. */
  public static boolean hasCompiler() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "g++")));
  }
}
