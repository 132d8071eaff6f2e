package org.adjoint.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is compiled and when, by an nvcc that copies the source. */
class CompileKernelsTest {
  private static final String NVCC =
      """
      #!/bin/sh
      if [ "$1" = --version ]; then echo "Cuda compilation tools, release RELEASE, V1.2.3"; exit; fi
      while [ "$1" != -o ]; do shift; done
      if grep -q BROKEN "$3"; then echo "$(basename $3)(1): error: broken"; exit 2; fi
      cp "$3" "$2"
      """;

  @TempDir Path folder;

  private Path sources;
  private Path target;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell for an nvcc to be written in");
    sources = Files.createDirectory(folder.resolve("cuda"));
    target = folder.resolve("kernels");
    Files.createDirectories(folder.resolve("toolkit/bin"));
    release("12.6");
    Files.writeString(sources.resolve("common.cuh"), "common");
    Files.writeString(sources.resolve("one.cu"), "first");
    Files.writeString(sources.resolve("two.cu"), "second");
  }

  private void release(String release) throws IOException {
    Path nvcc = folder.resolve("toolkit/bin/nvcc");
    Files.writeString(nvcc, NVCC.replace("RELEASE", release));
    assertEquals(true, nvcc.toFile().setExecutable(true));
  }

  /** What it says, and the exit status at the end. */
  private String compile(Map<String, String> environment) throws IOException {
    PrintStream out = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      int status =
          CompileKernels.run(
              environment,
              folder.resolve("nowhere"),
              "compute_80",
              sources.toString(),
              target.toString(),
              folder.resolve("no sources").toString(),
              folder.resolve("no target").toString());
      return said.toString(StandardCharsets.UTF_8) + status;
    } finally {
      System.setOut(out);
    }
  }

  private String compile() throws IOException {
    return compile(Map.of("CUDA_HOME", folder.resolve("toolkit").toString()));
  }

  private List<String> fatbins() throws IOException {
    try (var files = Files.list(target)) {
      return files
          .map(f -> f.getFileName() + "")
          .filter(f -> !f.endsWith("ties"))
          .sorted()
          .toList();
    }
  }

  @Test
  void onlyWhatIsStale() throws IOException {
    assertEquals("kernels: nvcc 12.6 compiles one, two\n0", compile());
    assertEquals(List.of("one.fatbin", "two.fatbin"), fatbins());
    assertEquals("0", compile());
    Files.writeString(sources.resolve("two.cu"), "changed");
    assertEquals("kernels: nvcc 12.6 compiles two\n0", compile());
    assertEquals("changed", Files.readString(target.resolve("two.fatbin")));
    Files.writeString(sources.resolve("common.cuh"), "changed");
    assertEquals("kernels: nvcc 12.6 compiles one, two\n0", compile());
    release("13.0");
    assertEquals("kernels: nvcc 13.0 compiles one, two\n0", compile());
    Files.delete(target.resolve("one.fatbin"));
    assertEquals("kernels: nvcc 13.0 compiles one\n0", compile());
    assertEquals("0", compile());
  }

  @Test
  void theIndexSaysByWhatAndForWhat() throws IOException {
    compile();
    List<String> index = Files.readAllLines(target.resolve("index.properties"));
    assertEquals(List.of("nvcc=12.6", "targets=compute_80"), index.subList(0, 2));
    assertEquals(
        List.of("kernels.one", "kernels.two"),
        index.stream().skip(2).map(line -> line.replaceAll("=[0-9a-f]{16}$", "")).toList());
  }

  @Test
  void whatIsGoneLeavesNothingBehind() throws IOException {
    compile();
    Files.delete(sources.resolve("one.cu"));
    assertEquals("0", compile());
    assertEquals(List.of("two.fatbin"), fatbins());
    Files.delete(sources.resolve("two.cu"));
    assertEquals("0", compile());
    assertEquals(List.of(), fatbins());
  }

  @Test
  void whatDoesNotCompileFailsUntilItDoes() throws IOException {
    compile();
    Files.writeString(sources.resolve("one.cu"), "BROKEN");
    String failure =
        "kernels: nvcc 12.6 compiles one\none.cu(1): error: broken\nkernels: "
            + sources.resolve("one.cu")
            + " does not compile\n1";
    assertEquals(failure, compile());
    assertEquals(List.of("two.fatbin"), fatbins());
    assertEquals(failure, compile());
    Files.writeString(sources.resolve("one.cu"), "first");
    assertEquals("kernels: nvcc 12.6 compiles one\n0", compile());
  }

  @Test
  void withoutNvccOneLine() throws IOException {
    assertEquals(
        "kernels: no nvcc found, so none are compiled, and the CPU is all there is\n0",
        compile(Map.of("PATH", "/nowhere")));
    assertEquals(false, Files.exists(target));
  }
}
