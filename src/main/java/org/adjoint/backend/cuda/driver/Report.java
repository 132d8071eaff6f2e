package org.adjoint.backend.cuda.driver;

import java.util.ArrayList;
import java.util.List;

/** What a user should know about CUDA on this machine. */
public final class Report {
  private Report() {}

  /** One line: of {@code what}, this was {@code found}. */
  public record Line(String what, String found) {}

  /** Driver, devices, libraries and kernels; a single line that says why, if there is no CUDA. */
  public static List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    if (!Driver.problem().isEmpty()) {
      lines.add(new Line("CUDA", Driver.problem()));
      return lines;
    }
    Libraries.Binding driver = Libraries.bind(Library.CUDA);
    lines.add(new Line("CUDA", "driver for " + Driver.versionText(Driver.version()) + at(driver)));
    for (Driver.Gpu gpu : Driver.devices()) {
      lines.add(
          new Line(
              "cuda:" + gpu.index(),
              "%s, compute capability %d.%d, %,d MB"
                  .formatted(
                      gpu.name(),
                      gpu.capability() / 10,
                      gpu.capability() % 10,
                      gpu.memory() >> 20)));
    }
    lines.add(new Line("cuBLAS", of(Library.BLAS)));
    lines.add(new Line("cuDNN", of(Library.DNN)));
    lines.add(new Line("Kernels", KernelFiles.here().report()));
    String tooNew = KernelFiles.here().problem(Driver.version());
    if (!tooNew.isEmpty()) {
      lines.add(new Line("Beware", tooNew));
    }
    return lines;
  }

  /** The first of what keeps CUDA from being used here, in one line; empty if nothing does. */
  public static String problem() {
    if (!Driver.problem().isEmpty()) {
      return Driver.problem();
    }
    for (Library library : List.of(Library.BLAS, Library.DNN)) {
      String problem = Libraries.bind(library).problem();
      if (!problem.isEmpty()) {
        return problem;
      }
    }
    KernelFiles kernels = KernelFiles.here();
    return kernels.families().isEmpty() ? kernels.report() : kernels.problem(Driver.version());
  }

  private static String of(Library library) {
    Libraries.Binding binding = Libraries.bind(library);
    if (!binding.isBound()) {
      return binding.problem();
    }
    try {
      return version(library) + at(binding);
    } catch (CudaException e) {
      return e.getMessage() + at(binding);
    } catch (LinkageError e) {
      return "JCuda's native library does not load: " + Libraries.firstLine(e) + at(binding);
    }
  }

  private static String version(Library library) {
    if (library == Library.DNN) {
      return Dnn.version();
    }
    try (Stream stream = new Stream(Context.of(0));
        Blas blas = new Blas(stream)) {
      return blas.version();
    }
  }

  private static String at(Libraries.Binding binding) {
    return " (" + (binding.path() == null ? binding.file() : binding.path()) + ")";
  }
}
