package org.adjoint.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.backend.cuda.GpuClock;
import org.adjoint.backend.cuda.KernelFile;

/**
 * Builds the emulated GPU from src/test/cuda and the kernels from src/main/cuda, with g++ alone.
 *
 * <p>What is up to date is left alone, so that a call costs nothing the second time. Two processes
 * may build at once: the second waits for the first.
 */
public final class Emulator {
  /** How kernels are compiled. */
  public enum Mode {
    /** Quick; faults that show are an address on a fence page, NaN, and barriers gone wrong. */
    FAST,
    /** Every load and store is checked, at about five times the price. */
    CHECKED
  }

  private static final List<String> COMMON =
      List.of("-std=c++17", "-O2", "-fPIC", "-fno-strict-aliasing", "-ffp-contract=off");
  private static final List<String> RUNTIME =
      List.of("-Wall", "-Wextra", "-fvisibility=hidden", "-D_GNU_SOURCE");
  // No fused multiply-add but where a kernel writes one, nor any other change of its arithmetic.
  private static final List<String> KERNEL =
      List.of(
          "-fno-gnu-unique",
          "-fno-exceptions",
          "-fno-rtti",
          "-fno-math-errno",
          // Lines, for messages.
          "-g",
          // A call must return to the line that made it.
          "-fno-optimize-sibling-calls",
          "-fno-partial-inlining",
          // A large frame must not step over the fence below its stack.
          "-fstack-clash-protection");
  private static final List<String> CHECKED =
      List.of(
          "-fsanitize=thread",
          // An index beyond its array, within a struct or on the stack, is no access to be seen.
          "-fsanitize=bounds",
          "-fno-sanitize-recover=bounds",
          // A local that nobody wrote is no 0 by chance.
          "-ftrivial-auto-var-init=pattern",
          // An access that a call makes of its operands is not seen: they are to stay in the
          // function.
          "-fno-ipa-sra",
          // A copy of a struct is one access, as on a GPU, not one of each member that is used.
          "-fno-tree-sra",
          "--param=tsan-instrument-func-entry-exit=0",
          "--param=tsan-distinguish-volatile=1");

  private final Path home;
  private final Mode mode;
  private final Path target;
  private final Compiler compiler;

  private Emulator(Path home, Mode mode) {
    this.home = home;
    this.mode = mode;
    this.target = home.resolve("target/emulator");
    this.compiler = new Compiler(home, target);
  }

  /**
   * The emulator of the source tree at {@code home}, built as far as it was stale.
   *
   * @throws IllegalStateException if g++ is missing, or refuses a source
   */
  public static Emulator build(Path home, Mode mode) {
    Emulator emulator = new Emulator(home.toAbsolutePath().normalize(), mode);
    emulator.locked(emulator::buildAll);
    return emulator;
  }

  /** The source tree that this program was started from, or within. */
  public static Path home() {
    String given = System.getProperty("adjoint.home");
    Path from = Path.of(given != null ? given : "").toAbsolutePath();
    for (Path dir = from; dir != null; dir = dir.getParent()) {
      if (Files.isDirectory(dir.resolve("src/test/cuda"))) {
        return dir;
      }
    }
    throw new IllegalStateException("emulator: no src/test/cuda in " + from + " or above it");
  }

  /** True if g++ is here, without which there is no emulator. */
  public static boolean isAvailable() {
    return Compiler.isAvailable();
  }

  /** What kernels are compiled with, and its version. */
  public static String compiler() {
    return "g++ " + Compiler.version();
  }

  /** The folder with libcuda.so.1, libcublas.so.12 and libcudnn.so.9. */
  public Path libraries() {
    return target.resolve("lib");
  }

  /** The folder with FAMILY.fatbin for each src/main/cuda/FAMILY.cu. */
  public Path kernels() {
    return target.resolve("kernels-" + suffix());
  }

  /**
   * Compiles one more kernel file, from wherever it lies.
   *
   * @param options more of them for the preprocessor
   * @return the image to be given to cuModuleLoadData, named NAME.fatbin, in {@code folder}
   */
  public Path compile(Path source, Path folder, String... options) {
    locked(() -> kernel(source, folder, options));
    return image(source, folder);
  }

  /**
   * Sees to it that this process takes CUDA's libraries, kernels and compiler from here, and counts
   * where it would time. It must come before the first call of CUDA.
   */
  public void serve() {
    System.setProperty("adjoint.cuda.libraries", libraries().toString());
    System.setProperty("adjoint.kernels", kernels().toString());
    if (System.getProperty("adjoint.cache") == null) {
      System.setProperty("adjoint.cache", target.resolve("cache").toString());
    }
    KernelFile.compileBy(new OwnKernels(this, target.resolve("own-" + suffix())));
    GpuClock.countBy(new LaunchCounts(libraries()));
  }

  private String suffix() {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  /**
   * A kernel file, and the headers of this tree in their place, as the preprocessor leaves them.
   */
  public String preprocessed(Path source) {
    try {
      List<String> all = new ArrayList<>(flags());
      all.addAll(includes());
      return compiler.preprocessed(source, all);
    } catch (IOException e) {
      throw new UncheckedIOException("emulator: " + e.getMessage(), e);
    }
  }

  /** The kernel files of src/main/cuda. */
  public List<Path> sources() {
    try {
      return files(home.resolve("src/main/cuda"), ".cu");
    } catch (IOException e) {
      throw new UncheckedIOException("emulator: " + e.getMessage(), e);
    }
  }

  /** Compiles preprocessed texts to {@code FAMILY.fatbin} in a folder, for each family. */
  public void compile(Map<String, String> texts, Path folder) {
    locked(() ->
        Compiler.inParallel(
            List.copyOf(texts.keySet()),
            family ->
                compiler.kernel(
                    folder.resolve(family + ".fatbin"),
                    texts.get(family),
                    flags(),
                    libraries().resolve("libcuda.so.1"))));
  }

  private static Path image(Path source, Path folder) {
    return folder.resolve(source.getFileName().toString().replaceAll("\\.cu$", "") + ".fatbin");
  }

  private interface Work {
    void run() throws IOException;
  }

  /** One builder at a time: in this process by the class's lock, among processes by a file's. */
  private void locked(Work work) {
    synchronized (Emulator.class) {
      try {
        Files.createDirectories(target);
        try (FileChannel lock =
                FileChannel.open(
                    target.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            var _ = lock.lock()) {
          work.run();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("emulator: " + e.getMessage(), e);
      }
    }
  }

  private void buildAll() throws IOException {
    Path cuda = home.resolve("src/test/cuda");
    List<Path> headers = files(cuda.resolve("runtime"), ".h");
    headers.addAll(files(cuda.resolve("shim"), ".h"));
    // Kernels and libraries name each other, so libcuda.so.1 comes first.
    library("runtime", "libcuda.so.1", headers, List.of("-ldl", "-lpthread"));
    for (String[] other :
        new String[][] {{"cublas", "libcublas.so.12"}, {"cudnn", "libcudnn.so.9"}}) {
      if (Files.isDirectory(cuda.resolve(other[0]))) {
        List<Path> all = new ArrayList<>(headers);
        all.addAll(files(cuda.resolve(other[0]), ".h"));
        library(other[0], other[1], all, List.of(libraries().resolve("libcuda.so.1").toString()));
      }
    }
    List<Path> sources = files(home.resolve("src/main/cuda"), ".cu");
    Files.createDirectories(kernels());
    for (Path old : files(kernels(), ".fatbin")) {
      if (sources.stream().noneMatch(source -> image(source, kernels()).equals(old))) {
        Files.delete(old);
      }
    }
    Compiler.inParallel(sources, source -> kernel(source, kernels()));
  }

  private void library(String folder, String name, List<Path> headers, List<String> links)
      throws IOException {
    List<Path> sources = files(home.resolve("src/test/cuda").resolve(folder), ".cpp");
    Path objects = target.resolve("obj").resolve(folder);
    List<Path> made = new ArrayList<>();
    for (Path source : sources) {
      made.add(objects.resolve(source.getFileName() + ".o"));
    }
    Compiler.inParallel(
        sources,
        source -> {
          Path object = objects.resolve(source.getFileName() + ".o");
          List<Path> inputs = new ArrayList<>(headers);
          inputs.add(source);
          List<String> command = new ArrayList<>(COMMON);
          command.addAll(RUNTIME);
          command.addAll(List.of("-c", source.toString(), "-o", Compiler.OUT));
          compiler.make(object, inputs, command);
        });
    List<String> command = new ArrayList<>(List.of("-shared", "-Wl,-soname," + name));
    // JCublas and JCudnn ask for symbols of the version that is named like the library.
    command.addAll(List.of("-Wl,--default-symver", "-Wl,-z,defs", "-o", Compiler.OUT));
    made.forEach(object -> command.add(object.toString()));
    command.addAll(links);
    compiler.make(libraries().resolve(name), made, command);
  }

  private void kernel(Path source, Path folder, String... options) throws IOException {
    List<Path> inputs = files(home.resolve("src/test/cuda/shim"), ".h");
    inputs.addAll(files(home.resolve("src/main/cuda"), ".cuh"));
    inputs.addAll(files(source.toAbsolutePath().getParent(), ".cuh"));
    inputs.add(source);
    List<String> includes = new ArrayList<>(includes());
    includes.addAll(List.of(options));
    compiler.kernel(
        image(source, folder),
        source,
        inputs,
        flags(),
        includes,
        libraries().resolve("libcuda.so.1"));
  }

  private List<String> flags() throws IOException {
    List<String> flags = new ArrayList<>(COMMON);
    flags.addAll(KERNEL);
    flags.addAll(Compiler.vectorFlags());
    if (mode == Mode.CHECKED) {
      flags.addAll(CHECKED);
    }
    return flags;
  }

  private List<String> includes() {
    return List.of("-I" + home.resolve("src/test/cuda/shim"), "-I" + home.resolve("src/main/cuda"));
  }

  private static List<Path> files(Path folder, String ending) throws IOException {
    if (!Files.isDirectory(folder)) {
      return new ArrayList<>();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return new ArrayList<>(
          all.filter(path -> path.toString().endsWith(ending)).sorted().toList());
    }
  }

  /** Moves a finished file to its place in one step. */
  static void put(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Builds both modes of the tree that one is in, with any more kernels that are named. */
  public static void main(String[] args) {
    for (Mode mode : Mode.values()) {
      long start = System.nanoTime();
      Emulator emulator = build(home(), mode);
      for (String extra : args) {
        Path folder = emulator.target.resolve("own-" + emulator.suffix());
        System.out.println(emulator.compile(Path.of(extra), folder));
      }
      System.out.printf(
          "%s %s (%.1f s)%n",
          emulator.libraries(), emulator.kernels(), (System.nanoTime() - start) * 1e-9);
    }
  }
}
