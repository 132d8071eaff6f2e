package org.adjoint.bench.cpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.adjoint.samples.cli.UserError;

/**
 * A checkout of Adjoint that its launcher has built.
 *
 * @param home its folder
 * @param classPath where its classes are, and the jars that they were compiled with
 */
record Build(Path home, String classPath) {
  /** A class file tells the Java that it is for by this much more. */
  private static final int MAJOR = 44;

  private static final Path LAUNCHER = Path.of("target", "launcher");
  private static final Path CLASSES = Path.of("target", "test-classes");
  private static final Path WORKER = Path.of("bench", "cpu", "Worker.java");

  /** The one that runs. */
  static Build here() {
    return new Build(
        Path.of(System.getProperty("adjoint.home", "")), System.getProperty("java.class.path"));
  }

  /**
   * The one in {@code folder}.
   *
   * @throws UserError if there is none that this Java can run
   */
  static Build at(Path folder) {
    Path home = folder.toAbsolutePath().normalize();
    require(
        Files.isRegularFile(home.resolve("pom.xml")) && Files.isDirectory(home.resolve("bench")),
        home + " is no checkout of Adjoint: it has no pom.xml and bench");
    require(
        Files.isRegularFile(home.resolve(WORKER)),
        "%s has no %s: it is too old to be compared with".formatted(home, WORKER));
    Path worker =
        home.resolve(CLASSES).resolve(Worker.class.getName().replace('.', '/') + ".class");
    Path jars = home.resolve(LAUNCHER).resolve("classpath");
    String remedy = "run " + home.resolve("adjoint") + " --version";
    require(
        Files.isRegularFile(worker) && Files.isRegularFile(jars),
        "%s is not built: %s".formatted(home, remedy));
    try {
      int java = java(worker);
      int here = Runtime.version().feature();
      require(
          java <= here,
          "%s was built by Java %d, which Java %d cannot run: ADJOINT_JAVA_HOME chooses another"
              .formatted(home, java, here));
      String own =
          Stream.of(CLASSES.toString(), "target/classes", "target/kernels")
              .map(part -> home.resolve(part).toString())
              .collect(Collectors.joining(File.pathSeparator));
      return new Build(home, own + File.pathSeparator + Files.readString(jars, UTF_8).strip());
    } catch (IOException e) {
      throw new UserError("%s cannot be read: %s".formatted(home, e.getMessage()), e);
    }
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new UserError("--against: " + message);
    }
  }

  private static int java(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      // 0xCAFEBABE, the minor version, the major one.
      return (int) (in.readLong() & 0xFFFF) - MAJOR;
    }
  }

  /** A source that was changed after the launcher built all, if there is any. */
  Optional<Path> stale() {
    Path stamp = home.resolve(LAUNCHER).resolve("stamp");
    try {
      FileTime built = Files.getLastModifiedTime(stamp);
      for (String root : new String[] {"src/main/java", "bench", "samples"}) {
        try (Stream<Path> files = Files.walk(home.resolve(root))) {
          Optional<Path> newer =
              files
                  .filter(file -> file.toString().endsWith(".java") && isNewer(file, built))
                  .findFirst();
          if (newer.isPresent()) {
            return newer.map(home::relativize);
          }
        }
      }
      return Optional.empty();
    } catch (IOException | UncheckedIOException e) {
      return Optional.of(LAUNCHER.resolve("stamp")); // without it the launcher builds anew
    }
  }

  private static boolean isNewer(Path file, FileTime than) {
    try {
      return Files.getLastModifiedTime(file).compareTo(than) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
