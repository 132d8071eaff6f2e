package org.adjoint.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adjoint.backend.cuda.KernelCompiler;

/**
 * Compiles kernels of users' own for the emulator, where a GPU would have nvcc. Of the options
 * those for the preprocessor count: what is defined, and where headers lie.
 */
final class OwnKernels implements KernelCompiler {
  private final Emulator emulator;
  private final Path target;

  /** By that emulator, into a folder. */
  OwnKernels(Emulator emulator, Path target) {
    this.emulator = emulator;
    this.target = target;
  }

  @Override
  public byte[] compile(Path source, List<String> options, int capability) {
    List<String> known = new ArrayList<>();
    for (String option : options) {
      if (option.matches("-[DUI].+")) {
        known.add(option);
      }
    }
    // A source may do without common.cuh, and include CUDA's headers or none.
    Path shim = Emulator.home().resolve("src/test/cuda/shim");
    known.addAll(List.of("-I" + shim.resolve("cuda"), "-include", "emulated.h"));
    String place = Integer.toHexString((source.toAbsolutePath() + " " + known).hashCode());
    try {
      return Files.readAllBytes(
          emulator.compile(source, target.resolve(place), known.toArray(String[]::new)));
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "kernels of %s: g++ refuses them:\n%s".formatted(source.getFileName(), said(e)), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the compiler said: all but the command, which is the first line. */
  private static String said(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return message.substring(message.indexOf('\n') + 1);
  }
}
