package org.adjoint.samples.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cpu.Simd;
import org.adjoint.data.Mnist;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what Adjoint finds on this machine: the first thing to look at when something is slow. */
@Command(name = "doctor", description = "show what Adjoint finds on this machine")
final class Doctor implements Callable<Integer> {
  private static final String LIBCUDA = "libcuda.so.1";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Runtime runtime = Runtime.getRuntime();
    line(out, "Adjoint", Version.current());
    line(out, "Java", Runtime.version() + ", " + System.getProperty("java.vendor"));
    line(
        out,
        "System",
        "%s %s, %s, %d processors"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch"),
                runtime.availableProcessors()));
    line(out, "Heap", "%,d MB at most".formatted(runtime.maxMemory() >> 20));
    line(out, "Vectors", vectors());
    line(out, "Threads", Integer.toString(Parallel.threads()));
    line(out, "CUDA", cuda().map(Path::toString).orElse("no driver found (" + LIBCUDA + ")"));
    Mnist.Location mnist = Mnist.locate(null);
    line(out, "MNIST", mnist.folder() != null ? mnist.folder().toString() : mnist.message());
    return 0;
  }

  private static void line(PrintWriter out, String what, String found) {
    out.printf("%-8s %s%n", what + ":", found);
  }

  private static String vectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        ? Simd.best().name()
        : "none: the Vector API is off, so loops take one number at a time, and all is several"
            + " times slower; give java --add-modules jdk.incubator.vector";
  }

  /** The driver's library, sought where the system's loader usually finds it. */
  private static Optional<Path> cuda() {
    String own = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
    Stream<String> usual =
        Stream.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/nvidia/lib64",
            "/usr/local/cuda/compat",
            "/usr/lib/wsl/lib",
            "/run/opengl-driver/lib");
    return Stream.concat(Stream.of(own.split(File.pathSeparator)), usual)
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, LIBCUDA))
        .filter(Files::exists)
        .findFirst();
  }
}
