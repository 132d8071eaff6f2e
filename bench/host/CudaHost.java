package org.adjoint.bench.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.backend.Storage;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.KernelFunction;
import org.adjoint.backend.cuda.driver.KernelModule;
import org.adjoint.backend.cuda.driver.Launch;
import org.adjoint.backend.cuda.driver.Stream;
import org.adjoint.bench.host.HostWork.Session;
import org.adjoint.emulator.Emulator;

/** Host code of the CUDA backend, without a GPU: a driver of our own answers its calls. */
final class CudaHost {
  private static final int CALLS = 100;
  private static final int FLOATS = 16 << 10;

  private CudaHost() {}

  /** Launches on a driver that does nothing: what is left is the way there from Java. */
  static Session launch() {
    System.setProperty("adjoint.cuda.libraries", stub(Emulator.home()).toString());
    Context context = Context.of(0);
    Stream stream = new Stream(context);
    KernelFunction kernel = new KernelModule(context, "probe", new byte[16]).function("saxpy_f32");
    Launch launch = new Launch();
    return () -> {
      for (int i = 0; i < CALLS; i++) {
        launch
            .of(kernel)
            .address(4096)
            .address(8192)
            .float32(2)
            .int32(i)
            .grid(8)
            .block(128)
            .on(stream);
      }
      return launch;
    };
  }

  /** The folder with that driver, made by g++ if it is stale. */
  private static Path stub(Path home) {
    Path source = home.resolve("src/test/cuda/driver/stub.cpp");
    Path folder = home.resolve("target/jmh/stub");
    Path library = folder.resolve("libcuda.so.1");
    try {
      Files.createDirectories(folder);
      if (!Files.exists(library)
          || Files.getLastModifiedTime(library).compareTo(Files.getLastModifiedTime(source)) < 0) {
        List<String> command =
            List.of(
                "g++",
                "-shared",
                "-fPIC",
                "-O2",
                "-Wl,-soname,libcuda.so.1", // by which JCuda finds it loaded
                "-o",
                library.toString(),
                source.toString());
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0) {
          throw new IllegalStateException("g++ refuses " + source);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("launch needs g++", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** The caching allocator, of whose blocks one is always free: CUDA itself is not asked. */
  static Session allocation() {
    Emulator.build(Emulator.home(), Emulator.Mode.FAST).serve();
    CudaBackend backend = CudaBackend.of(Device.parse("cuda"));
    return () -> {
      long sum = 0;
      for (int i = 0; i < CALLS; i++) {
        Storage storage = backend.allocate(DType.F32, FLOATS);
        sum += storage.length();
        storage.release();
      }
      return sum;
    };
  }
}
