package org.adjoint.build;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Compiles CUDA kernels by nvcc: each {@code FAMILY.cu} of a folder into {@code FAMILY.fatbin} of
 * another. Only what is stale is compiled: whose source, headers, flags or compiler changed.
 * Without nvcc it says so in one line and is content.
 *
 * <p>Run by the build, as a source file, before anything of the project is compiled.
 */
public final class CompileKernels {
  private static final List<String> FLAGS =
      List.of(
          "-std=c++17",
          "-O3",
          "-lineinfo",
          "-Xptxas",
          "--warn-on-spills",
          // A fifteenth of the size; each family is unpacked once, when it is loaded.
          "--compress-mode=size",
          "--fatbin");

  private static final String INDEX = "index.properties";

  private final List<String> targets;
  private final Path headers;
  private final Path sources;
  private final Path target;
  private final String nvcc;
  private final String version;

  private CompileKernels(List<String> targets, Path headers, Path sources, Path target, String nvcc)
      throws IOException {
    this.targets = targets;
    this.headers = headers;
    this.sources = sources;
    this.target = target;
    this.nvcc = nvcc;
    version = run(List.of(nvcc, "--version")).text();
  }

  /**
   * {@code java CompileKernels.java sm_80,sm_90a,compute_80 SOURCES TARGET [SOURCES TARGET]…}: for
   * which machines, and from where to where; the headers of the first folder are for all. The name
   * compute_80 asks for PTX, which drivers compile for the machine they find.
   */
  public static void main(String[] args) throws IOException {
    System.exit(run(System.getenv(), Path.of("/usr/local/cuda"), args));
  }

  /** The exit status; {@code toolkit} is where CUDA is if the environment does not tell. */
  static int run(Map<String, String> environment, Path toolkit, String... args) throws IOException {
    Optional<String> nvcc = findNvcc(environment, toolkit);
    if (nvcc.isEmpty()) {
      System.out.println(
          "kernels: no nvcc found, so none are compiled, and the CPU is all there is");
      return 0;
    }
    boolean good = true;
    List<String> targets = List.of(args[0].split(","));
    Path headers = Path.of(args[1]);
    for (int i = 1; i < args.length; i += 2) {
      Path sources = Path.of(args[i]);
      Path target = Path.of(args[i + 1]);
      if (!list(sources, ".cu").isEmpty() || Files.exists(target)) {
        good &= new CompileKernels(targets, headers, sources, target, nvcc.get()).compile();
      }
    }
    return good ? 0 : 1;
  }

  /** nvcc of the toolkit that is asked for, or on the PATH, or at its usual place. */
  private static Optional<String> findNvcc(Map<String, String> environment, Path toolkit) {
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

  /** Whether all went well. */
  private boolean compile() throws IOException {
    Files.createDirectories(target);
    Map<String, String> before = readIndex();
    Map<String, String> index = new TreeMap<>();
    Map<String, Path> stale = new TreeMap<>();
    String common = common();
    for (Path source : list(sources, ".cu")) {
      String family = stem(source);
      String hash = hash(common, Files.readString(source));
      index.put(family, hash);
      if (!hash.equals(before.get("kernels." + family)) || !Files.exists(output(family))) {
        stale.put(family, source);
      }
    }
    for (Path old : list(target, ".fatbin")) {
      if (!index.containsKey(stem(old))) {
        Files.delete(old);
      }
    }
    List<String> failed = stale.isEmpty() ? List.of() : compile(stale);
    failed.forEach(index::remove);
    writeIndex(index);
    return failed.isEmpty();
  }

  /** Compiles as many at a time as there are processors; returns the families that failed. */
  private List<String> compile(Map<String, Path> stale) {
    System.out.printf(
        "kernels: nvcc %s compiles %s%n", release(), String.join(", ", stale.keySet()));
    Map<String, Future<Output>> running = new TreeMap<>();
    List<String> failed = new ArrayList<>();
    try (ExecutorService workers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      stale.forEach(
          (family, source) -> running.put(family, workers.submit(() -> compile(family, source))));
      running.forEach((family, output) -> {
        Output result = result(output);
        System.out.print(result.text()); // warnings of spilled registers, and errors
        if (result.status() != 0) {
          System.out.println("kernels: " + stale.get(family) + " does not compile");
          failed.add(family);
        }
      });
    }
    return failed;
  }

  private Output compile(String family, Path source) throws IOException {
    Path part = target.resolve(family + ".part");
    List<String> command = new ArrayList<>(List.of(nvcc));
    command.addAll(FLAGS);
    for (String machine : targets) {
      command.add(
          "-gencode=arch=%s,code=%s".formatted(machine.replace("sm_", "compute_"), machine));
    }
    command.addAll(List.of("-I", headers.toString(), "-o", part.toString(), source.toString()));
    Output output = run(command);
    if (output.status() == 0) {
      Files.move(part, output(family), StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.deleteIfExists(part);
      Files.deleteIfExists(output(family));
    }
    return output;
  }

  private Path output(String family) {
    return target.resolve(family + ".fatbin");
  }

  /** What all kernels depend on: compiler, flags and headers. */
  private String common() throws IOException {
    StringBuilder all = new StringBuilder(version).append(FLAGS).append(targets);
    for (Path folder : List.of(headers, sources)) {
      for (Path header : list(folder, ".cuh")) {
        all.append(folder.relativize(header)).append(Files.readString(header));
      }
    }
    return all.toString();
  }

  /** {@code 13.0} of nvcc's own words. */
  private String release() {
    Matcher release = Pattern.compile("release ([0-9.]+)").matcher(version);
    return release.find() ? release.group(1) : "?";
  }

  private Map<String, String> readIndex() throws IOException {
    Map<String, String> index = new TreeMap<>();
    Path file = target.resolve(INDEX);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        index.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return index;
  }

  /** By hand: Properties would write the date, and no two builds be the same. */
  private void writeIndex(Map<String, String> hashes) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("nvcc=" + release());
    lines.add("targets=" + String.join(" ", targets));
    hashes.forEach((family, hash) -> lines.add("kernels." + family + "=" + hash));
    Path file = target.resolve(INDEX);
    if (!Files.exists(file) || !Files.readAllLines(file).equals(lines)) {
      Files.write(file, lines);
    }
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
      throw new IOException("interrupted while " + command.getFirst() + " ran", e);
    }
  }

  private static Output result(Future<Output> output) {
    try {
      return output.get();
    } catch (InterruptedException | ExecutionException e) {
      return new Output(1, e + "\n");
    }
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.lastIndexOf('.'));
  }

  /** The files below {@code folder} that end in {@code kind}, in the same order each time. */
  private static List<Path> list(Path folder, String kind) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(kind)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }
}
