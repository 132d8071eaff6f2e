package org.adjoint.backend.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.adjoint.backend.cuda.driver.Context;
import org.adjoint.backend.cuda.driver.CudaException;
import org.adjoint.backend.cuda.driver.KernelFunction;
import org.adjoint.backend.cuda.driver.KernelModule;

/**
 * Kernels of one's own: a {@code .cu} file, which is compiled for the GPU at hand, or one that is
 * compiled already, {@code .cubin}, {@code .fatbin} or {@code .ptx}. {@link Gpu#call(KernelFile,
 * String)} launches them.
 *
 * <pre>{@code
 * KernelFile file = KernelFile.of(Path.of("swish.cu"));
 * Variant naive = Variant.of("naive", (gpu, in, out) ->
 *     gpu.call(file, "swish_naive").flat(DType.F32, in[0], out[0]).each(out[0].count()));
 * }</pre>
 *
 * <p>Kernels are {@code extern "C" __global__ void}. A source may include Adjoint's own headers,
 * {@code "common.cuh"}, {@code "walk.cuh"} and others. A file is read when one of its kernels is
 * first launched; after a change, make a new KernelFile. What nvcc made is kept in {@code
 * ~/.cache/adjoint} by its content, options and compiler, and by the headers beside it.
 */
public final class KernelFile {
  private static final List<String> COMPILED = List.of(".cubin", ".fatbin", ".ptx");

  private static volatile KernelCompiler compiler = new Nvcc();

  private final Path path;
  private final List<String> options;

  private KernelFile(Path path, List<String> options) {
    this.path = path;
    this.options = List.copyOf(options);
  }

  /** The kernels of a file. */
  public static KernelFile of(Path path) {
    return new KernelFile(path.toAbsolutePath().normalize(), List.of());
  }

  /**
   * The kernels of a source that is at hand as text.
   *
   * @param name what messages call it
   */
  public static KernelFile ofSource(String name, String text) {
    if (!name.matches("[\\w.-]+")) {
      throw new IllegalArgumentException("kernels of '" + name + "': a name of letters is needed");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return of(KernelCache.here().put(KernelCache.key(text) + "/" + name + ".cu", bytes));
  }

  /** The same file, with more options for nvcc, such as {@code -DWIDTH=4}. */
  public KernelFile with(String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(Arrays.asList(more));
    return new KernelFile(path, all);
  }

  /** What compiles sources from now on: nvcc, unless somebody says otherwise, as emulators do. */
  public static void compileBy(KernelCompiler other) {
    compiler = other;
  }

  /** Loads all kernels of the file. */
  KernelModule load(Context context) {
    byte[] image = image(context.capability());
    try {
      return new KernelModule(context, name(), image);
    } catch (CudaException e) {
      throw new IllegalArgumentException(
          this
              + ": "
              + context
              + " does not take it: "
              + e.getMessage()
              + (isSource() ? "" : "; was it compiled for " + Nvcc.machine(context) + "?"),
          e);
    }
  }

  /** A kernel of the file's module. */
  KernelFunction function(KernelModule module, String entry) {
    try {
      return module.function(entry);
    } catch (CudaException e) {
      if (!e.code().equals("CUDA_ERROR_NOT_FOUND")) {
        throw e;
      }
      throw new IllegalArgumentException(
          this + ": there is no kernel " + entry + " in it" + entries(), e);
    }
  }

  private byte[] image(int capability) {
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(this + ": there is no such file: " + path);
    }
    if (isSource()) {
      return compiler.compile(path, options, capability);
    }
    if (COMPILED.stream().noneMatch(name()::endsWith)) {
      throw new IllegalArgumentException(
          this + ": neither a source, .cu, nor compiled, " + String.join(", ", COMPILED));
    }
    try {
      byte[] image = Files.readAllBytes(path);
      // The text of a .ptx ends where the driver finds a zero.
      return name().endsWith(".ptx") ? Arrays.copyOf(image, image.length + 1) : image;
    } catch (IOException e) {
      throw new UncheckedIOException(this + ": " + e.getMessage(), e);
    }
  }

  private boolean isSource() {
    return name().endsWith(".cu");
  }

  /** Those that the source seems to have, for a message. */
  private String entries() {
    if (!isSource()) {
      return "";
    }
    try {
      Pattern entry = Pattern.compile("extern\\s+\"C\"\\s+__global__[^(]*?(\\w+)\\s*\\(");
      String names =
          entry
              .matcher(Files.readString(path).replaceAll("__launch_bounds__\\s*\\([^)]*\\)", ""))
              .results()
              .map(found -> found.group(1))
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "; is it extern \"C\" __global__?" : ", but " + names;
    } catch (IOException e) {
      return "";
    }
  }

  private String name() {
    return path.getFileName().toString();
  }

  /** For messages. */
  @Override
  public String toString() {
    return "kernels of " + name();
  }
}
