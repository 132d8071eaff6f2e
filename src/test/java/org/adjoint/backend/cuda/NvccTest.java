package org.adjoint.backend.cuda;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How nvcc is found and called, and what is kept of its work; a script stands in for it. */
class NvccTest {
  /** Writes its arguments into the image, and refuses a source that says so. */
  private static final String SCRIPT =
      """
      #!/bin/sh
      [ "$1" = --version ] && { echo "nvcc, release 1"; exit; }
      echo run >>"$0.log"
      for last; do :; done
      grep -q WRONG "$last" && { echo "$last(1): error: WRONG is undefined"; exit 2; }
      while [ $# -gt 0 ]; do
        [ "$1" = -o ] && out="$2"
        all="$all $1"
        shift
      done
      echo "$all" >"$out"
      """;

  @TempDir Path folder;

  private Path source = Path.of("");
  private Path nvcc = Path.of("");
  private KernelCache cache = KernelCache.here();

  @BeforeEach
  void makeToolkit() throws IOException {
    cache = new KernelCache(folder.resolve("cache"));
    source = Files.writeString(folder.resolve("mine.cu"), "// a kernel");
    nvcc = folder.resolve("toolkit/bin/nvcc");
    Files.createDirectories(nvcc.getParent());
    Files.writeString(nvcc, SCRIPT);
    Files.setPosixFilePermissions(nvcc, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Nvcc compiler() {
    String path = System.getenv("PATH");
    return new Nvcc(
        Map.of("CUDA_HOME", folder.resolve("toolkit").toString(), "PATH", path), folder, cache);
  }

  private String compile(int capability, String... options) {
    return new String(
        compiler().compile(source, List.of(options), capability), StandardCharsets.UTF_8);
  }

  private int runs() throws IOException {
    Path log = Path.of(nvcc + ".log");
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  @Test
  void itIsCalledForTheMachineAtHand() {
    assertTrue(compile(80).contains(" -cubin -arch=sm_80 -I "), compile(80));
    assertTrue(compile(90, "-lineinfo", "-DA=1").contains(" -arch=sm_90a -I "));
    assertTrue(compile(90, "-DA=1").contains(" -DA=1 -o "));
    String own = compile(90, "-arch=sm_75");
    assertTrue(own.contains("-arch=sm_75") && !own.contains("sm_90"), own);
  }

  @Test
  void whatWasMadeIsKeptUntilSomethingChanges() throws IOException {
    String first = compile(80);
    assertEquals(first, compile(80));
    assertEquals(1, runs());
    compile(80, "-DA=1");
    compile(90);
    assertEquals(3, runs());
    Files.writeString(source, "// another kernel");
    compile(80);
    assertEquals(4, runs());
    Files.writeString(folder.resolve("beside.cuh"), "// a header");
    compile(80);
    assertEquals(5, runs());
    Files.writeString(nvcc, SCRIPT.replace("release 1", "release 2"));
    compile(80);
    assertEquals(6, runs());
    compile(80);
    assertEquals(6, runs());
  }

  @Test
  void whatItSaysOfAWrongSourceIsPassedOn() throws IOException {
    Files.writeString(source, "WRONG");
    for (int i = 0; i < 2; i++) { // nothing of it is kept
      assertEquals(
          "kernels of mine.cu: nvcc refuses them:\n" + source + "(1): error: WRONG is undefined",
          assertThrows(IllegalArgumentException.class, () -> compile(80)).getMessage());
    }
  }

  @Test
  void whereThereIsNoneOneLineSaysWhatToDo() {
    Nvcc none = new Nvcc(Map.of("PATH", folder.toString()), folder.resolve("none"), cache);
    assertEquals(
        "kernels of mine.cu: no nvcc in CUDA_HOME, on the PATH or in "
            + folder.resolve("none")
            + ": install CUDA's toolkit, or load what another machine made of it: nvcc -arch=sm_90a"
            + " -cubin mine.cu",
        assertThrows(UnsupportedOperationException.class, () -> none.compile(source, List.of(), 90))
            .getMessage());
  }

  @Test
  void theRealOneCompilesTheSample() throws IOException {
    assumeTrue(Nvcc.here().isPresent(), "no nvcc here");
    Path sample = Path.of("samples/26-own-kernel/swish.cu");
    byte[] image =
        new Nvcc(System.getenv(), Path.of("/usr/local/cuda"), cache).compile(sample, List.of(), 80);
    assertEquals("ELF", new String(image, 1, 3, StandardCharsets.US_ASCII));
    Files.writeString(
        source, "#include \"number.cuh\"\nextern \"C\" __global__ void k() { wrong; }");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new Nvcc(System.getenv(), Path.of("/usr/local/cuda"), cache)
                        .compile(source, List.of(), 80))
            .getMessage();
    assertTrue(message.contains("mine.cu(2): error: identifier \"wrong\""), message);
  }

  @Test
  void theJarHasTheHeaders() throws IOException {
    Path tree = Path.of("src/main/cuda");
    TreeSet<String> there;
    try (Stream<Path> files = Files.list(tree)) {
      there =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".cuh"))
              .collect(toCollection(TreeSet::new));
    }
    assertEquals(List.copyOf(there), Headers.NAMES);
    Path unpacked = Headers.unpacked(cache);
    for (String name : Headers.NAMES) {
      assertArrayEquals(
          Files.readAllBytes(tree.resolve(name)), Files.readAllBytes(unpacked.resolve(name)), name);
    }
  }
}
