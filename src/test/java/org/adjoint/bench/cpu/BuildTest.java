package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildTest {
  private static final String WORKER = "org/adjoint/bench/cpu/Worker.class";

  @TempDir Path home;

  @Test
  void whatIsMissingIsSaidInOneLine() throws IOException {
    refused(" is no checkout of Adjoint: it has no pom.xml and bench");
    write("pom.xml");
    write("bench/Json.java");
    refused(" has no bench/cpu/Worker.java: it is too old to be compared with");
    write("bench/cpu/Worker.java");
    refused(" is not built: run " + home + "/adjoint --version");
    write("target/launcher/classpath");
    refused(" is not built: run " + home + "/adjoint --version");
    int java = Runtime.version().feature();
    worker(java + 1);
    refused(
        " was built by Java %d, which Java %d cannot run: ADJOINT_JAVA_HOME chooses another"
            .formatted(java + 1, java));
  }

  @Test
  void aBuildHasTheClassPathThatItsLauncherMade() throws IOException {
    built();
    Build build = Build.at(home);
    assertEquals(home, build.home());
    assertEquals(
        String.join(
            File.pathSeparator,
            home + "/target/test-classes",
            home + "/target/classes",
            home + "/target/kernels",
            "a.jar:b.jar"),
        build.classPath());
  }

  @Test
  void aSourceThatIsNewerThanTheBuildIsNamed() throws IOException {
    built();
    Build build = Build.at(home);
    assertEquals(Optional.empty(), build.stale());
    FileTime later = FileTime.fromMillis(System.currentTimeMillis() + 10_000);
    Files.setLastModifiedTime(home.resolve("bench/cpu/Worker.java"), later);
    assertEquals(Optional.of(Path.of("bench/cpu/Worker.java")), build.stale());
    Files.delete(home.resolve("target/launcher/stamp"));
    assertEquals(Optional.of(Path.of("target/launcher/stamp")), build.stale());
  }

  private void built() throws IOException {
    write("pom.xml");
    write("bench/cpu/Worker.java");
    Files.createDirectories(home.resolve("src/main/java"));
    Files.createDirectories(home.resolve("samples"));
    worker(Runtime.version().feature());
    Files.writeString(write("target/launcher/classpath"), "a.jar:b.jar\n");
    write("target/launcher/stamp");
  }

  private Path write(String name) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "");
  }

  /** The first bytes of a class file for that Java. */
  private void worker(int java) throws IOException {
    byte[] head = {(byte) 0xCA, (byte) 0xFE, (byte) 0xBA, (byte) 0xBE, 0, 0, 0, (byte) (java + 44)};
    Files.write(write("target/test-classes/" + WORKER), head);
  }

  private void refused(String message) {
    UserError error = assertThrows(UserError.class, () -> Build.at(home));
    assertEquals("--against: " + home + message, error.getMessage());
  }
}
