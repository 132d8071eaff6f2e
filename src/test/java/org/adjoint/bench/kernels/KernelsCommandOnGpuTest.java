package org.adjoint.bench.kernels;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.backend.cuda.Variants;
import org.adjoint.bench.BenchCommand;
import org.adjoint.bench.KernelFacts;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.op.SoftmaxNll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/** {@code adjoint bench kernels} and {@code ladder} on the emulator. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class KernelsCommandOnGpuTest {
  @TempDir Path dir;
  private final StringWriter out = new StringWriter();

  @BeforeEach
  void emulated() {
    assumeFalse(TestGpu.REAL, "about the emulator");
    TestGpu.device();
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    var writer = new PrintWriter(out, true);
    return new CommandLine(new BenchCommand()).setOut(writer).setErr(writer).execute(args);
  }

  private Results read() {
    return ResultFile.read(dir.resolve("f.json"));
  }

  private String[] here(String... words) {
    return Stream.concat(
            Stream.of(words),
            Stream.of(
                "--device", "emulator", "--jobs", "0", "--json", dir.resolve("f.json").toString()))
        .toArray(String[]::new);
  }

  @Test
  void countsEachVariantTheSameEachTime() throws Exception {
    assertEquals(0, run(here("kernels", "softmax.grad", "--shapes", "16x257,3x64")), out::toString);
    String first = Files.readString(dir.resolve("f.json"));
    assertEquals(0, run(here("kernels", "softmax.grad", "--shapes", "16x257,3x64")), out::toString);
    assertEquals(first, Files.readString(dir.resolve("f.json")));
    Results results = read();
    assertEquals(false, assertNotNullAnd(results.ceilings()).measured());
    Result chosen =
        results.results().stream()
            .filter(row -> KernelLines.facts(row).chosen())
            .findFirst()
            .orElseThrow();
    assertEquals("softmax.grad axis=1", chosen.what());
    assertEquals("bytes moved", chosen.unit());
    assertEquals(3L * 16 * 257 * 4, chosen.bytes());
    KernelFacts facts = KernelLines.facts(chosen);
    assertEquals("softmax", facts.family());
    assertEquals("F32", facts.math());
    KernelFacts.Traffic traffic = assertNotNullAnd(facts.traffic());
    assertEquals(chosen.median(), traffic.moved());
    assertTrue(traffic.moved() >= chosen.bytes());
    assertEquals(traffic.moved() / 3.35e12 * 1e6, assertNotNullAnd(facts.impliedUs()), 1e-12);
    assertTrue(out.toString().contains("Nothing was timed"), out.toString());
  }

  @Test
  void aCutRowIsRunByWhatWouldRunTheWholeOne() {
    assertEquals(
        0,
        run(here("kernels", "log_softmax", "--shapes", "2x9000", "--dtype", "F32")),
        out::toString);
    List<Result> rows = read().results();
    assertEquals(Set.of("[2, 4072]"), rows.stream().map(Result::shape).collect(toSet()));
    assertEquals(
        List.of("shared", "online", "columns", "naive"),
        rows.stream().map(Result::variant).toList(),
        "a block holds 4,072 elements, but not 9,000");
    assertEquals(
        List.of("shared"),
        rows.stream().filter(row -> KernelLines.facts(row).chosen()).map(Result::variant).toList());
  }

  private static <T> T assertNotNullAnd(T value) {
    assertNotNull(value);
    return value;
  }

  @Test
  void whatIsWrongBackwardsGetsNeitherTimeNorCounts() {
    try (Variants.Added _ =
        Variants.add(
            SoftmaxNll.class,
            nll ->
                Variant.of(
                    "planted",
                    (gpu, in, out) -> {
                      nll.cuda().getLast().launch().run(gpu, in, out);
                      // What the gradient needs, and nobody sees.
                      gpu.zero(out[2]);
                    }))) {
      assertEquals(
          1,
          run(here("kernels", "softmax_nll", "--shapes", "8x16", "--dtype", "F32")),
          out::toString);
    }
    List<String> lines =
        out.toString().lines().filter(line -> line.contains("planted")).distinct().toList();
    assertEquals(2, lines.size(), out.toString());
    assertTrue(
        lines
            .getLast()
            .matches(
                "softmax_nll ignore=none, smoothing=0.0, planted, F32 \\[8, 16] \\[8]: no time and"
                    + " no counts, since it is wrong: .* F32 gradient 0, norm of the error: .*"),
        lines.getLast());
    List<String> variants = read().results().stream().map(Result::variant).toList();
    assertEquals(List.of("tile", "rows", "columns", "naive"), variants);
  }

  @Test
  void processesFindTheSame() {
    String[] words = {"kernels", "dropout", "--shapes", "4x64", "--device", "emulator"};
    assertEquals(0, run(words), out::toString);
    String both = out.toString();
    assertEquals(0, run(here("kernels", "dropout", "--shapes", "4x64")), out::toString);
    assertEquals(rows(both), rows(out.toString()));
    assertTrue(both.contains("4 rows of 2 variants"), both);
  }

  @Test
  void whatThereIsNoTimeForIsCounted() {
    assertEquals(0, run(here("kernels", "dropout", "--within", "1e-9")), out::toString);
    assertTrue(
        out.toString().contains("0 rows of 0 variants in 0 s, 0 failed, 2 left for want of time"),
        out.toString());
    assertFalse(Files.exists(dir.resolve("f.json")));
  }

  private static List<String> rows(String text) {
    return text.lines().filter(line -> line.startsWith("    ") || line.contains("*")).toList();
  }

  @Test
  void badWordsGetOneLine() {
    assertMisused(
        "no family or operation is named sofmax; the families are: elementwise, ", "sofmax");
    assertMisused(
        "no variant is named fast; there is: vector, naive", "dropout", "--variants", "fast");
    assertMisused("--dtype I64: there is F32, F64, BF16 and F16", "--dtype", "I64");
    assertMisused("--within is 0.0; it takes seconds", "dropout", "--within", "0");
    assertMisused("shape '3xa': write sizes above 0", "dropout", "--shapes", "3xa");
    assertMisused(
        "--shapes 3x4x5: has not as many sizes as these operations have: rows×columns",
        "dropout",
        "--shapes",
        "3x4x5");
    assertMisused("--shapes 1x1x2x2x3: conv: ", "conv", "--shapes", "1x1x2x2x3");
    assertMisused("kernels run on a GPU", "dropout", "--device", "cpu");
    assertEquals(2, run("ladder", "--device", "emulator"));
    assertTrue(out.toString().startsWith("whose ladder? name a family"), out.toString());
  }

  private void assertMisused(String message, String... words) {
    String[] all = Stream.concat(Stream.of("kernels"), Stream.of(words)).toArray(String[]::new);
    assertEquals(2, run(all), out::toString);
    assertTrue(out.toString().startsWith(message), out.toString());
    assertFalse(out.toString().contains("Exception"), out.toString());
  }

  @Test
  void aLadderGoesUpwardsAndSaysWhatChanged() {
    assertEquals(0, run(here("ladder", "matmul", "--shapes", "64x64x64")), out::toString);
    List<String> lines = out.toString().lines().toList();
    int naive = find(lines, "naive .* a thread an element, which reads a row and a column.*");
    int tiled = find(lines, "tiled .* tiles of 32 × 32 in shared memory.*");
    int split = find(lines, "split .*");
    assertTrue(naive < tiled && tiled < split, out.toString());
    assertTrue(find(lines, "implied by what was counted, not measured, .*") > split);
    assertTrue(find(lines, "split +█.*") > split, out.toString());
  }

  private int find(List<String> lines, String pattern) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().matches(pattern)) {
        return i;
      }
    }
    throw new AssertionError("no line is like " + pattern + ":\n" + out);
  }
}
