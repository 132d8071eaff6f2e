package org.adjoint.build;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.adjoint.bench.Environment;
import org.adjoint.data.Mnist;
import org.jspecify.annotations.Nullable;

/**
 * {@code ./adjoint dist}: makes {@code target/dist} of what is built, and packs it. It has all that
 * a Linux machine with a GPU needs to run the command line and the tests of the CUDA backend: no
 * Java, no Maven, no network.
 *
 * <pre>
 * bin/          the launcher, and what it calls
 * runtime/      a Java of those modules that are needed
 * lib/          jars: the library, samples and tests, and what they use
 * kernels/      compiled kernels
 * data/mnist/   MNIST, if it is found here
 * src/, target/ what tests read, where they look for it; the sources of kernels and emulator
 * COMMIT        what it was made of
 * </pre>
 */
public final class Dist {
  /** Not java.desktop: it is large, and wants libraries that a machine without screen may lack. */
  static final List<String> MODULES =
      List.of(
          "java.logging",
          "java.management",
          "java.net.http",
          "java.xml",
          "jdk.incubator.vector",
          "jdk.management",
          "jdk.unsupported",
          "jdk.zipfs"); // by which JUnit looks for tests in a jar

  /**
   * Tests that need what stays behind: other libraries, a JDK, the sources; and the build's own.
   */
  static final List<String> TESTS_LEFT_OUT =
      List.of(
          "META-INF/services/org.junit.platform.launcher.TestExecutionListener",
          "org/adjoint/build/",
          "org/adjoint/referee/",
          "org/adjoint/check/Jazzer",
          "org/adjoint/op/OpCatalogTest");

  /** Jars that these alone use, and those that draw pictures. */
  static final List<String> JARS_LEFT_OUT =
      List.of(
          "archunit-",
          "commonmark-",
          "error_prone_annotations-",
          "failureaccess-",
          "google-java-format-",
          "guava-",
          "j2objc-annotations-",
          "listenablefuture-",
          "onnxruntime-",
          "slf4j-",
          "xchart-");

  /** Libraries in JCuda's jars that nothing here calls: two thirds of all there is in them. */
  private static final List<String> NATIVES_LEFT_OUT =
      List.of("lib/libJNvPTXCompiler", "lib/libJNvrtc", "lib/libJCublas-");

  /**
   * Machine code for A100 and H100, so that nobody waits for a driver's compiler; PTX for others.
   */
  private static final String TARGETS = "sm_80,sm_90a,compute_80";

  /** What {@code gpu-bench} calls beside the Java. */
  private static final List<String> PEERS =
      List.of(
          "ncu_counts.sh",
          "peers/lines.py",
          "peers/torch_clock.py",
          "peers/torch_kernels.py",
          "peers/torch_layers.py",
          "peers/torch_ops.py",
          "peers/triton_kernels.py");

  private static final long MOST_BYTES = 52L << 20;

  private final Path home;
  private final Path dist;

  private Dist(Path home) {
    this.home = home;
    this.dist = home.resolve("target/dist");
  }

  /**
   * Run by the launcher, on the class path of tests. An argument names other machines to compile
   * kernels for, such as {@code compute_80}, which is made soonest.
   */
  public static void main(String[] args) throws IOException {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      System.err.println(
          "adjoint: dist takes this machine's Java along, and is for Linux on x86-64: this is "
              + system);
      System.exit(2);
    }
    Path home = Path.of(Objects.requireNonNull(System.getProperty("adjoint.home")));
    String targets = args.length > 0 ? args[0] : TARGETS;
    System.exit(new Dist(home).make(System.getProperty("java.class.path"), targets) ? 0 : 1);
  }

  private boolean make(String classPath, String targets) throws IOException {
    Path kernels = home.resolve("target/dist-kernels");
    if (!compile(targets, kernels)) {
      return false;
    }
    delete(dist);
    Files.createDirectories(dist.resolve("lib"));
    link(dist.resolve("runtime"));
    for (String script : List.of("adjoint", "gpu-all", "gpu-bench", "gpu-test")) {
      copy(home.resolve("src/dist").resolve(script), dist.resolve("bin").resolve(script));
    }
    copy(home.resolve("bench/peers/torch_lenet.py"), dist.resolve("bin/torch_lenet.py"));
    for (String peer : PEERS) {
      copy(home.resolve("bench").resolve(peer), dist.resolve("bench").resolve(peer));
    }
    jars(classPath, dist.resolve("lib"));
    for (String folder :
        List.of(
            "src/main/cuda",
            "src/test/cuda",
            "src/test/resources",
            "samples/26-own-kernel/swish.cu")) {
      copy(home.resolve(folder), dist.resolve(folder));
    }
    copy(kernels.resolve("main"), dist.resolve("kernels"));
    copy(kernels.resolve("test"), dist.resolve("target/test-kernels"));
    copy(home.resolve("LICENSE"), dist.resolve("LICENSE"));
    String commit = Environment.here().commit();
    Files.writeString(dist.resolve("COMMIT"), (commit == null ? "unknown" : commit) + "\n");
    Mnist.Location mnist = Mnist.locate(null);
    System.out.println(
        mnist.folder() == null ? mnist.message() + "; it stays out" : mnist.message());
    mnist(mnist.folder(), dist.resolve("data/mnist"));
    if (!Files.exists(dist.resolve("kernels/org/adjoint/kernels/index.properties"))) {
      System.out.println("no kernels: there was no nvcc, so a GPU will not be of use");
    }
    return pack(home.resolve("target/adjoint-linux-x86_64.tar.xz"));
  }

  /** Kernels of a dist's own: those of the build are quickly made, and slowly begun with. */
  private boolean compile(String targets, Path kernels) throws IOException {
    return CompileKernels.run(
            System.getenv(),
            Path.of("/usr/local/cuda"),
            targets,
            home.resolve("src/main/cuda").toString(),
            kernels.resolve("main/org/adjoint/kernels").toString(),
            home.resolve("src/test/cuda/driver").toString(),
            kernels.resolve("test").toString())
        == 0;
  }

  /**
   * A Java of the modules that are needed. Not compressed: whoever packs the whole gets it smaller
   * than jlink does.
   */
  private static void link(Path target) {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("dist: this Java has no jlink"));
    PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
    int status =
        jlink.run(
            out,
            out,
            "--add-modules",
            String.join(",", MODULES),
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--compress",
            "zip-0",
            "--output",
            target.toString());
    if (status != 0) {
      throw new IllegalStateException("dist: jlink failed with status " + status);
    }
  }

  /** Puts what a class path names into {@code lib}: folders as jars, and jars. */
  static void jars(String classPath, Path lib) throws IOException {
    for (String entry : classPath.split(File.pathSeparator)) {
      Path path = Path.of(entry);
      String name = path.getFileName().toString();
      if (name.equals("classes")) {
        jar(path, lib.resolve("adjoint.jar"), file -> true);
      } else if (name.equals("test-classes")) {
        jar(
            path,
            lib.resolve("adjoint-tests.jar"),
            file -> TESTS_LEFT_OUT.stream().noneMatch(file::startsWith));
      } else if (name.endsWith(".jar") && JARS_LEFT_OUT.stream().noneMatch(name::startsWith)) {
        repack(path, lib.resolve(name));
      }
    }
  }

  private static void jar(Path folder, Path jar, Predicate<String> wanted) throws IOException {
    try (ZipOutputStream out = zip(jar);
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> !f.equals(folder)).sorted().toList()) {
        // Folders too: JUnit looks for a package's tests in the folder that it is.
        boolean isFolder = Files.isDirectory(file);
        String name = folder.relativize(file) + (isFolder ? "/" : "");
        if (wanted.test(name)) {
          out.putNextEntry(new ZipEntry(name));
          if (!isFolder) {
            Files.copy(file, out);
          }
        }
      }
    }
  }

  /** The same jar without libraries that are not called. */
  private static void repack(Path from, Path to) throws IOException {
    try (ZipFile in = new ZipFile(from.toFile());
        ZipOutputStream out = zip(to)) {
      for (Enumeration<? extends ZipEntry> all = in.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        if (NATIVES_LEFT_OUT.stream().noneMatch(entry.getName()::startsWith)) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          in.getInputStream(entry).transferTo(out);
        }
      }
    }
  }

  /** A jar that is not compressed: the archive is, and better, since its files are alike. */
  private static ZipOutputStream zip(Path file) throws IOException {
    ZipOutputStream out =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
    out.setLevel(Deflater.NO_COMPRESSION);
    return out;
  }

  private static void mnist(@Nullable Path from, Path to) throws IOException {
    if (from == null) {
      return;
    }
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(f -> isMnist(f.getFileName().toString())).toList()) {
        copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static boolean isMnist(String name) {
    return name.matches("(train|t10k)-(images|labels)[-.]idx[13]-ubyte(\\.gz)?");
  }

  /** A file, or a folder with all in it; what is not there is left out. */
  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** Packs the folder, and says how large it is; whether it is as small as it must be. */
  private boolean pack(Path archive) throws IOException {
    Process tar =
        new ProcessBuilder("tar", "-I", "xz -6 -T0", "-cf", archive.toString(), "dist")
            .directory(home.resolve("target").toFile())
            .inheritIO()
            .start();
    try {
      if (tar.waitFor() != 0) {
        throw new IOException("dist: tar failed with status " + tar.exitValue());
      }
    } catch (InterruptedException e) {
      throw new IOException("dist: interrupted", e);
    }
    long bytes = Files.size(archive);
    System.out.printf(
        Locale.ROOT, "%s, packed as %s: %.1f MiB%n", dist, archive, bytes / (double) (1 << 20));
    if (bytes > MOST_BYTES) {
      System.out.printf("dist: that is more than the %d MiB allowed%n", MOST_BYTES >> 20);
    }
    return bytes <= MOST_BYTES;
  }
}
