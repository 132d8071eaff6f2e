package org.adjoint.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes into a dist, what its launcher calls, and how the one command for a GPU reports. */
class DistTest {
  private static final Path SCRIPTS = Path.of("src/dist").toAbsolutePath();

  /** What stays behind, as packages; pictures may ask for theirs, since they look first. */
  private static final List<String> ABSENT =
      List.of("ai/onnxruntime/", "com/code_intelligence/", "com/google/", "com/tngtech/");

  @TempDir Path folder;

  private record Output(int status, List<String> lines) {}

  private static Output run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Output(process.waitFor(), text.lines().toList());
  }

  private Path script(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/usr/bin/env bash\n" + text);
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }

  @BeforeEach
  void needsLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "a dist is for Linux");
  }

  @Test
  void whatGoesAlongNeedsNothingThatStays() throws IOException {
    Dist.jars(System.getProperty("java.class.path"), folder);
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    for (String jar : List.of("adjoint.jar", "adjoint-tests.jar", "jcuda-natives-", "picocli-")) {
      assertTrue(names.stream().anyMatch(name -> name.startsWith(jar)), jar + " of " + names);
    }
    for (String jar : Dist.JARS_LEFT_OUT) {
      assertTrue(names.stream().noneMatch(name -> name.startsWith(jar)), jar);
    }
    Set<String> missing = new TreeSet<>();
    int classes = 0;
    for (String jar : List.of("adjoint.jar", "adjoint-tests.jar")) {
      try (FileSystem files = FileSystems.newFileSystem(folder.resolve(jar));
          Stream<Path> all = Files.walk(files.getPath("/"))) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          if (file.toString().endsWith(".class")) {
            classes++;
            missing.addAll(absentOf(file));
          } else if (file.startsWith("/META-INF/services")) {
            Files.readAllLines(file).stream()
                .filter(DistTest::isAbsent)
                .forEach(name -> missing.add(file + " names " + name));
          }
        }
      }
    }
    assertTrue(classes > 500, classes + " classes");
    assertEquals(Set.of(), missing);
  }

  @Test
  void itsTestsAreFound() throws IOException, InterruptedException {
    Dist.jars(System.getProperty("java.class.path"), folder);
    Output output =
        run(
            Map.of(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--limit-modules",
            String.join(",", Dist.MODULES),
            "-cp",
            folder + "/*",
            "org.junit.platform.console.ConsoleLauncher",
            "discover",
            "--disable-ansi-colors",
            "--select-package=org.adjoint");
    String found = String.join("\n", output.lines());
    assertTrue(found.contains("CudaBackendTest"), found);
    assertTrue(found.contains("DeviceCatalogTest"), found);
  }

  /** Classes that {@code file} names and a dist lacks. */
  private static List<String> absentOf(Path file) throws IOException {
    List<String> absent = new ArrayList<>();
    for (PoolEntry entry : ClassFile.of().parse(Files.readAllBytes(file)).constantPool()) {
      if (entry instanceof ClassEntry type) {
        String name = type.asInternalName();
        if (isAbsent(name)) {
          absent.add(file + " needs " + name);
        }
      }
    }
    return absent;
  }

  /** Whether a dist lacks a class, which may have dots or slashes in its name. */
  private static boolean isAbsent(String name) {
    String path = name.replace('.', '/');
    return ABSENT.stream().anyMatch(path::startsWith)
        || Dist.TESTS_LEFT_OUT.stream().anyMatch(path::startsWith);
  }

  @Test
  void whatIsLeftOutIsThere() {
    List<String> jars =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).getFileName().toString())
            .toList();
    for (String jar : Dist.JARS_LEFT_OUT) {
      assertTrue(jars.stream().anyMatch(name -> name.startsWith(jar)), "no " + jar + " any more");
    }
    for (String test : Dist.TESTS_LEFT_OUT) {
      Path classes = Path.of("target/test-classes");
      boolean there =
          Stream.of(test, test + ".class", test + "Test.class")
              .anyMatch(name -> Files.exists(classes.resolve(name)));
      assertTrue(there, "no " + test + " any more");
    }
  }

  /** A sample on a Java of a dist's modules. */
  private Output sample(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--limit-modules", String.join(",", Dist.MODULES)));
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-XX:TieredStopAtLevel=1"));
    command.add("-Dadjoint.home=" + folder);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("org.adjoint.samples.cli.Main");
    command.addAll(List.of(arguments));
    Map<String, String> noData =
        Map.of("ADJOINT_DATA", folder.toString(), "XDG_CACHE_HOME", folder.toString());
    return run(noData, command.toArray(String[]::new));
  }

  @Test
  void samplesGoOnWithoutPictures() throws IOException, InterruptedException {
    Output output = sample("run", "learning-rate");
    assertEquals(0, output.status(), () -> String.join("\n", output.lines()));
    int skipped = output.lines().indexOf("pictures skipped: this Java has no java.desktop");
    assertTrue(skipped >= 0, () -> String.join("\n", output.lines()));
    assertFalse(Files.exists(folder.resolve("target")));
  }

  @Test
  void digitsAreNotDrawnWithoutJavaDesktop() throws IOException, InterruptedException {
    Output output = sample("run", "lenet", "--epochs", "0");
    assertEquals(1, output.status());
    String last = output.lines().getLast();
    assertTrue(last.startsWith("adjoint run lenet: no MNIST found; looked in"), last);
    assertTrue(last.endsWith("; and this Java has no java.desktop to draw digits with"), last);
  }

  /** A dist whose Java prints how it was called, a word a line. */
  private Path launcher() throws IOException {
    script(
        "dist/runtime/bin/java", "printf '%s\\n' \"$@\"; echo in \"$PWD\"; echo $ADJOINT_DATA\n");
    for (String name : List.of("adjoint", "gpu-all", "gpu-bench", "gpu-test")) {
      Path to = folder.resolve("dist/bin").resolve(name);
      Files.createDirectories(to.getParent());
      Files.copy(SCRIPTS.resolve(name), to);
      assertTrue(to.toFile().setExecutable(true));
    }
    Files.createDirectories(folder.resolve("dist/data"));
    // Called through a link from elsewhere.
    return Files.createSymbolicLink(folder.resolve("link"), Path.of("dist/bin/adjoint"));
  }

  private static final Map<String, String> USER =
      Map.of("ADJOINT_DATA", "", "ADJOINT_JAVA_OPTS", "-Da=1 -Db=2");

  @Test
  void theLauncherTakesWhatLiesBesideIt() throws IOException, InterruptedException {
    String link = launcher().toString();
    Path dist = folder.resolve("dist").toRealPath();
    List<String> words = run(USER, link, "run", "a b").lines();
    int main = words.indexOf("org.adjoint.samples.cli.Main");
    assertEquals(List.of("run", "a b"), words.subList(main + 1, main + 3));
    assertEquals(dist.resolve("data").toString(), words.getLast());
    assertTrue(
        words
            .subList(0, main)
            .containsAll(
                List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "jdk.incubator.vector",
                    dist + "/kernels:" + dist + "/lib/*",
                    "-Dadjoint.home=" + dist,
                    "-Da=1",
                    "-Db=2")));
    assertEquals(
        new Output(2, List.of("adjoint: shell needs the sources and a JDK")),
        run(USER, link, "shell"));
  }

  @Test
  void testsRunWhereTheirFilesAre() throws IOException, InterruptedException {
    String link = launcher().toString();
    Path dist = folder.resolve("dist").toRealPath();
    List<String> words = run(USER, link, "gpu-test").lines();
    assertTrue(words.contains("-Dadjoint.test.gpu=true"));
    assertTrue(words.contains("--select-package=org.adjoint"));
    assertTrue(words.contains("in " + dist));
    words = run(USER, link, "gpu-test", "--device", "emulator", "--select-class=A").lines();
    assertTrue(words.contains("-Dadjoint.test.gpu=false"));
    assertTrue(words.contains("--select-class=A"));
    assertFalse(words.contains("--select-package=org.adjoint"));
  }

  private static final String FAKE =
      """
      case "$1" in
      doctor) echo "cuda:0: a GPU"; echo "MNIST: $FAKE_MNIST" ;;
      check) echo "$* $ADJOINT_JAVA_OPTS" >&2; echo "row"; echo "cuda: 5 passed, 1 failed, 0 skipped"; exit 1 ;;
      gpu-test) sleep 60 ;;
      run) printf '{\\n  "sample" : "lenet"\\n}\\n' >"${@: -1}"; echo "epoch 10: done ${3#--device} ${ADJOINT_JAVA_OPTS#-Dmine}" ;;
      esac
      """;

  /** Everything in one command, where each kind of end comes about. */
  @Test
  void oneCommandReportsWhateverHappens() throws IOException, InterruptedException {
    Path adjoint = script("adjoint", FAKE);
    script(
        "tools/compute-sanitizer",
        "while [[ $1 != */adjoint ]]; do shift; done; \"$@\"; echo '== ERROR SUMMARY: 0 errors'\n");
    script(
        "tools/python3",
        "[[ $* == *\"--mode graph\"* ]] || exit 77; echo pytorch: ${*:2:3} | cut -d ' ' -f 1-4\n");
    // Seconds pass quickly here: a limit of 70 is over after one.
    script(
        "tools/timeout",
        "shift 2; l=$1; shift; ((l == 70)) && l=1; exec /usr/bin/timeout $l \"$@\"\n");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/timeout")), "no timeout to stand in for");
    Path out = folder.resolve("out");
    Map<String, String> environment =
        Map.of(
            "ADJOINT",
            adjoint.toString(),
            "FAKE_MNIST",
            folder.toString(),
            "ADJOINT_PYTHON",
            "python3",
            "ADJOINT_JAVA_OPTS",
            "-Dmine",
            "PATH",
            folder.resolve("tools") + ":" + System.getenv("PATH"));
    Output output = run(environment, SCRIPTS.resolve("gpu-all").toString(), out.toString());
    assertEquals(1, output.status());
    List<String> summary = Files.readAllLines(out.resolve("summary.txt"));
    assertEquals(
        List.of(
            "passed doctor cuda:0: a GPU",
            "failed (1) check cuda: 5 passed, 1 failed, 0 skipped",
            "out of time gpu-test",
            "passed lenet eager epoch 10: done",
            "passed lenet graph epoch 10: done --graph",
            "passed lenet tf32 epoch 10: done --graph -Dadjoint.tf32=true",
            "not run pytorch eager",
            "passed pytorch graph pytorch: --mode graph --data",
            "passed pytorch tf32 pytorch: --mode graph --tf32",
            "not run pytorch compile",
            "passed memcheck == ERROR SUMMARY: 0 errors",
            "passed racecheck == ERROR SUMMARY: 0 errors",
            "passed initcheck == ERROR SUMMARY: 0 errors",
            "not run pytorch autotune"),
        summary.subList(0, 14).stream()
            .map(line -> line.replaceFirst("[0-9.]+ s ", "").replaceAll(" +", " ").strip())
            .toList());
    assertTrue(
        summary
            .getLast()
            .matches("14 steps in \\d+ s on cuda:0: 9 passed, 1 failed, 1 out of time, 3 not run"),
        summary.getLast());
    assertEquals(
        List.of(
            "{ \"by\" : \"adjoint\", \"mode\" : \"eager\", \"tf32\" : false, \"sample\" : \"lenet\""
                + " }",
            "{ \"by\" : \"adjoint\", \"mode\" : \"graph\", \"tf32\" : false, \"sample\" : \"lenet\""
                + " }",
            "{ \"by\" : \"adjoint\", \"mode\" : \"graph\", \"tf32\" : true, \"sample\" : \"lenet\""
                + " }"),
        Files.readAllLines(out.resolve("lenet.jsonl")));
    String sanitizer = Files.readString(out.resolve("sanitizer.txt"));
    assertTrue(
        sanitizer.contains(
            "check --device cuda:0 --jobs 0 --schedules 1 --sample 1 --within 40 -Dmine"),
        sanitizer);
    assertTrue(
        sanitizer.indexOf("-Dadjoint.poison=true") < sanitizer.indexOf("-Dadjoint.poison=false"),
        sanitizer);
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          "check.txt doctor.txt gpu-test.txt lenet.jsonl lenet.txt sanitizer.txt summary.txt",
          String.join(" ", files.map(f -> f.getFileName().toString()).sorted().toList()));
    }
  }

  @Test
  void misuseIsOneLine() throws IOException, InterruptedException {
    assertEquals(
        new Output(
            2,
            List.of(
                "adjoint: gpu-all: name a folder for what is found: adjoint gpu-all OUT [--device"
                    + " DEVICE]")),
        run(Map.of("ADJOINT", "x"), SCRIPTS.resolve("gpu-all").toString()));
  }
}
