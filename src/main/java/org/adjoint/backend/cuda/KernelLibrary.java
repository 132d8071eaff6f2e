package org.adjoint.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.KernelFunction;
import org.adjoint.backend.cuda.driver.KernelModule;

/**
 * The compiled kernels: one file for each family of {@code src/main/cuda}, from the folder that
 * {@code -Dadjoint.kernels} names or from the class path. And users' own files.
 */
final class KernelLibrary {
  private final Context context;
  private final Map<String, KernelModule> families = new HashMap<>();
  private final Map<KernelFile, KernelModule> own = new HashMap<>();
  private final Map<String, KernelFunction> functions = new HashMap<>();

  KernelLibrary(Context context) {
    this.context = context;
  }

  KernelFunction function(String family, String entry) {
    KernelFunction function = functions.get(entry);
    if (function == null) {
      function = families.computeIfAbsent(family, this::load).function(entry);
      functions.put(entry, function);
    }
    return function;
  }

  KernelFunction function(KernelFile file, String entry) {
    return file.function(own.computeIfAbsent(file, unknown -> unknown.load(context)), entry);
  }

  private KernelModule load(String family) {
    try {
      byte[] image = image(family);
      return context.unrecorded(() -> new KernelModule(context, family, image));
    } catch (IOException e) {
      throw new UncheckedIOException("cuda: the kernels of " + family + " cannot be read", e);
    }
  }

  private static byte[] image(String family) throws IOException {
    String folder = System.getProperty("adjoint.kernels");
    if (folder != null) {
      Path file = Path.of(folder, family + ".fatbin");
      if (!Files.isReadable(file)) {
        throw new UnsupportedOperationException(
            "cuda: there is no " + file + "; -Dadjoint.kernels must name a folder of kernels");
      }
      return Files.readAllBytes(file);
    }
    String name = "/org/adjoint/kernels/" + family + ".fatbin";
    try (InputStream in = KernelLibrary.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new UnsupportedOperationException(
            "cuda: the kernels of "
                + family
                + " are not on the class path: add the jar with the classifier kernels, or build"
                + " where nvcc is");
      }
      return in.readAllBytes();
    }
  }
}
