package org.adjoint.backend.cuda;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.adjoint.backend.cuda.driver.Context;

/**
 * NVIDIA's compiler, as the user has it: that of CUDA_HOME or CUDA_PATH, on the PATH, or in
 * /usr/local/cuda.
 */
final class Nvcc implements KernelCompiler {
  private static final System.Logger LOG = System.getLogger(Nvcc.class.getName());

  private static final List<String> FLAGS = List.of("-std=c++17", "-O3", "-lineinfo", "-cubin");

  /** From here on a machine has instructions of its own, under a name that ends in {@code a}. */
  private static final int OWN_INSTRUCTIONS = 90;

  private final Map<String, String> environment;
  private final Path toolkit;
  private final KernelCache cache;

  Nvcc() {
    this(System.getenv(), Path.of("/usr/local/cuda"), KernelCache.here());
  }

  /** With these variables; {@code toolkit} is where CUDA is if they do not tell. */
  Nvcc(Map<String, String> environment, Path toolkit, KernelCache cache) {
    this.environment = environment;
    this.toolkit = toolkit;
    this.cache = cache;
  }

  /** The one that is found here. */
  static Optional<String> here() {
    return new Nvcc().find();
  }

  /** What nvcc calls the GPU: {@code sm_90a}. */
  static String machine(Context context) {
    return machine(context.capability());
  }

  static String machine(int capability) {
    return "sm_" + capability + (capability >= OWN_INSTRUCTIONS ? "a" : "");
  }

  @Override
  public byte[] compile(Path source, List<String> options, int capability) {
    String name = source.getFileName().toString();
    String machine = machine(capability);
    String nvcc =
        find()
            .orElseThrow(() ->
                new UnsupportedOperationException(
                    ("kernels of %s: no nvcc in CUDA_HOME, on the PATH or in %s: install CUDA's"
                            + " toolkit, or load what another machine made of it: nvcc -arch=%s"
                            + " -cubin %s")
                        .formatted(name, toolkit, machine, name)));
    List<String> command = new ArrayList<>(List.of(nvcc));
    command.addAll(FLAGS);
    if (options.stream().noneMatch(Nvcc::choosesMachine)) {
      command.add("-arch=" + machine);
    }
    command.addAll(List.of("-I", Headers.folder(cache).toString()));
    command.addAll(options);
    try {
      String key = KernelCache.key(run(List.of(nvcc, "--version")).text, command, texts(source));
      String place = key + "/" + name.replaceAll("\\.cu$", "") + ".cubin";
      Optional<byte[]> made = cache.get(place);
      return made.isPresent() ? made.get() : make(name, source, command, place);
    } catch (IOException e) {
      throw new UncheckedIOException("kernels of " + name + ": " + e.getMessage(), e);
    }
  }

  private byte[] make(String name, Path source, List<String> command, String place)
      throws IOException {
    Path part = Files.createTempFile("adjoint", ".cubin");
    try {
      List<String> all = new ArrayList<>(command);
      all.addAll(List.of("-o", part.toString(), source.toString()));
      Output said = run(all);
      if (said.status != 0) {
        throw new IllegalArgumentException(
            "kernels of " + name + ": nvcc refuses them:\n" + said.text.strip());
      }
      if (!said.text.isBlank()) {
        LOG.log(System.Logger.Level.WARNING, said.text.strip());
      }
      byte[] image = Files.readAllBytes(part);
      cache.put(place, image);
      return image;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** The source, and the headers that it may include: Adjoint's, and those beside it. */
  private List<String> texts(Path source) throws IOException {
    List<String> texts = new ArrayList<>(List.of(Files.readString(source)));
    Path beside = source.toAbsolutePath().getParent();
    for (Path folder : List.of(Headers.folder(cache), beside == null ? Path.of("") : beside)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path header : files.filter(Nvcc::isHeader).sorted().toList()) {
          texts.add(header.getFileName() + "\n" + Files.readString(header));
        }
      }
    }
    return texts;
  }

  private static boolean choosesMachine(String option) {
    return option.matches("-?-(arch|gencode|gpu-architecture|generate-code)\\b.*");
  }

  private static boolean isHeader(Path file) {
    return file.toString().matches(".*\\.(cuh|h|hpp|inl)") && Files.isRegularFile(file);
  }

  private Optional<String> find() {
    List<Path> folders = new ArrayList<>();
    for (String home : List.of("CUDA_HOME", "CUDA_PATH")) {
      Optional.ofNullable(environment.get(home)).ifPresent(p -> folders.add(Path.of(p, "bin")));
    }
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    folders.add(toolkit.resolve("bin"));
    return folders.stream()
        .map(folder -> folder.resolve("nvcc"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private record Output(int status, String text) {}

  private static Output run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return new Output(process.waitFor(), text);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while nvcc ran", e);
    }
  }
}
