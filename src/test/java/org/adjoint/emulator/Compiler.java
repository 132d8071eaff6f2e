package org.adjoint.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Calls g++ for what is stale: for what was not made of these inputs by this command. */
final class Compiler {
  /** Stands in a command for the file to be made. */
  static final String OUT = "{out}";

  private final Path home;
  private final Path target;

  Compiler(Path home, Path target) {
    this.home = home;
    this.target = target;
  }

  static boolean isAvailable() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(":")).anyMatch(dir -> Files.isExecutable(Path.of(dir, "g++")));
  }

  /** The compiler's, in full. */
  static String version() {
    try {
      return said(List.of("-dumpfullversion")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("emulator: " + e.getMessage(), e);
    }
  }

  /** Makes {@code out} of the inputs, by g++ with these arguments. */
  void make(Path out, List<Path> inputs, List<String> arguments) throws IOException {
    String key = key(inputs, arguments);
    if (isMade(out, key)) {
      return;
    }
    Path fresh = begin(out);
    gpp(arguments.stream().map(a -> a.equals(OUT) ? fresh.toString() : a).toList());
    finish(fresh, out, key);
  }

  /**
   * Makes a kernel's image in three steps: the preprocessor's text, rewritten; an object, which the
   * flags may have instrumented; a library without the instrumentation's own runtime.
   */
  void kernel(
      Path out,
      Path source,
      List<Path> inputs,
      List<String> flags,
      List<String> includes,
      Path cuda)
      throws IOException {
    List<String> all = new ArrayList<>(flags);
    all.addAll(includes);
    String key = key(inputs, all);
    if (isMade(out, key)) {
      return;
    }
    build(out, key, KernelSource.rewrite(preprocessed(source, all)), flags, cuda);
  }

  /** The same, of a preprocessed text. */
  void kernel(Path out, String text, List<String> flags, Path cuda) throws IOException {
    List<String> all = new ArrayList<>(flags);
    all.add(text);
    String key = key(List.of(), all);
    if (!isMade(out, key)) {
      build(out, key, KernelSource.rewrite(text), flags, cuda);
    }
  }

  /** What the preprocessor makes of a kernel file. */
  String preprocessed(Path source, List<String> flags) throws IOException {
    Path text =
        target
            .resolve("new")
            .resolve(source.getFileName() + "." + ProcessHandle.current().pid() + ".e");
    Files.createDirectories(text.getParent());
    List<String> preprocess = new ArrayList<>(flags);
    preprocess.addAll(List.of("-x", "c++", "-E", source.toString(), "-o", text.toString()));
    gpp(preprocess);
    String read = Files.readString(text);
    Files.delete(text);
    return read;
  }

  private void build(Path out, String key, String rewritten, List<String> flags, Path cuda)
      throws IOException {
    Path fresh = begin(out);
    Path text = fresh.resolveSibling(fresh.getFileName() + ".ii");
    Path object = fresh.resolveSibling(fresh.getFileName() + ".o");
    Files.writeString(text, rewritten);
    List<String> compile = new ArrayList<>(flags);
    compile.addAll(List.of("-c", text.toString(), "-o", object.toString()));
    gpp(compile);
    List<String> link = new ArrayList<>(List.of("-shared", "-Wl,-z,defs"));
    // A kernel may be called as a function of C's library is: its own entry is meant.
    link.add("-Wl,-Bsymbolic");
    link.addAll(List.of("-o", fresh.toString(), object.toString(), cuda.toString()));
    gpp(link);
    Files.delete(text);
    Files.delete(object);
    finish(fresh, out, key);
  }

  interface Step<T> {
    void run(T item) throws IOException;
  }

  /** Does a step for each item, on all processors. */
  static <T> void inParallel(List<T> items, Step<T> step) throws IOException {
    try (ExecutorService pool =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<?>> running = new ArrayList<>();
      for (T item : items) {
        running.add(
            pool.submit(() -> {
              step.run(item);
              return null;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("emulator: interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** What the processor here has of vector and fused instructions; results do not depend on it. */
  static List<String> vectorFlags() throws IOException {
    String cpu = Files.readString(Path.of("/proc/cpuinfo"));
    List<String> flags = new ArrayList<>();
    for (String name : List.of("fma", "avx2")) {
      if (cpu.contains(" " + name + " ")) {
        flags.add("-m" + name);
      }
    }
    return flags;
  }

  private Path begin(Path out) throws IOException {
    Files.createDirectories(out.getParent());
    Path folder = Files.createDirectories(target.resolve("new"));
    return folder.resolve(out.getFileName() + "." + ProcessHandle.current().pid());
  }

  private void finish(Path fresh, Path out, String key) throws IOException {
    Files.deleteIfExists(keyFile(out));
    Emulator.put(fresh, out);
    Files.createDirectories(keyFile(out).getParent());
    Files.writeString(keyFile(out), key);
  }

  private boolean isMade(Path out, String key) throws IOException {
    Path file = keyFile(out);
    return Files.exists(out) && Files.exists(file) && Files.readString(file).equals(key);
  }

  private Path keyFile(Path out) {
    String name = withoutHome(out.toAbsolutePath()).replaceAll("[^A-Za-z0-9.]", "_");
    return target.resolve("keys").resolve(name);
  }

  /** The same wherever the tree lies, so that what was made stays good when it is moved. */
  private String withoutHome(Object text) {
    return text.toString().replace(home + "/", "");
  }

  private String key(List<Path> inputs, List<String> command) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(withoutHome(String.join("\0", command)).getBytes(StandardCharsets.UTF_8));
      for (Path input : inputs) {
        String heading = withoutHome(input) + "\0" + Files.size(input) + "\0";
        digest.update(heading.getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(input));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void gpp(List<String> arguments) throws IOException {
    String _ = said(arguments);
  }

  private static String said(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(arguments);
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "emulator: g++ is not on the PATH, and the emulated GPU is built with it; install g++",
          e);
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IllegalStateException(
            "emulator: " + String.join(" ", command) + "\n" + said.strip());
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("emulator: interrupted", e);
    }
    return said;
  }
}
