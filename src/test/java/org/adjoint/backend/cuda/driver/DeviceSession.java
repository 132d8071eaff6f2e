package org.adjoint.backend.cuda.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adjoint.DType;

/** Runs {@link DeviceChecks} in a JVM of its own, and prints what came of each. */
final class DeviceSession {
  private DeviceSession() {}

  /** {@code args[0]} is the image of the probe's kernels. */
  public static void main(String[] args) throws IOException {
    Probe probe = new Probe(Files.readAllBytes(Path.of(args[0])));
    DeviceChecks checks = new DeviceChecks(probe);
    StreamChecks streams = new StreamChecks(probe);
    Map<String, Runnable> all = new LinkedHashMap<>();
    all.put("attributes", checks::attributes);
    all.put("arguments", checks::arguments);
    all.put("grid and block", checks::gridAndBlock);
    all.put("launches", checks::launches);
    all.put("shared memory", checks::sharedMemory);
    all.put("blocks that wait", checks::blocksThatWait);
    all.put("copies", streams::copies);
    all.put("events", streams::events);
    all.put("graphs", streams::graphs);
    all.put("broken captures", streams::brokenCaptures);
    all.put("other threads", streams::otherThreads);
    all.put("memory", checks::memory);
    all.put("bad images", checks::badImages);
    all.put("products", () -> products(probe.stream));
    all.put("convolutions", () -> convolutions(probe.stream));
    all.put("a kernel that fails", checks::aKernelThatFails);
    all.forEach((name, check) -> {
      try {
        check.run();
        System.out.println(name + ": ok");
      } catch (RuntimeException | AssertionError e) {
        System.out.println(name + ": " + e);
        e.printStackTrace(System.out);
      }
    });
  }

  private static void products(Stream stream) {
    try (BlasChecks checks = new BlasChecks(stream)) {
      checks.products(DType.F32, DType.F64, DType.BF16, DType.F16);
      checks.edges();
      long workspace = stream.context().allocate(1 << 20);
      checks.blas().workspace(workspace, 1 << 20);
      checks.blas().allowTf32(true);
      checks.products(DType.F32);
      stream.synchronize();
      stream.context().free(workspace);
    }
  }

  private static void convolutions(Stream stream) {
    try (ConvolutionChecks checks = new ConvolutionChecks(stream)) {
      checks.all();
    }
  }
}
