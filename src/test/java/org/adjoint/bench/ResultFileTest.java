package org.adjoint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class ResultFileTest {
  static final Environment HERE =
      new Environment("abc", "25", "Linux", "a cpu", 2, 1 << 30, null, null, null);

  private static final String ENVIRONMENT =
      "\"environment\": {\"java\": \"25\", \"os\": \"Linux\", \"processors\": 2, \"max_heap\": 1}";
  private static final String ROW =
      "{\"what\": \"gemm\", \"n\": 1, \"median\": 2, \"p10\": 1, \"p90\": 3, \"unit\": \"us\"}";

  @TempDir Path dir;

  @Test
  void trainingRunStandsAtTheTopLevel() throws Exception {
    Path file = dir.resolve("f.json");
    var epochs = List.of(new Epoch(1, 0.5, 0.04, 9.5), new Epoch(2, Double.NaN, null, 9));
    Results run = Results.run(HERE, "lenet", "cpu", 7, 120_458, epochs);
    ResultFile.write(file, run);

    JsonNode json = JsonMapper.builder().build().readTree(Files.readString(file));
    assertEquals(1, json.get("schema").intValue());
    assertEquals("lenet", json.get("sample").stringValue());
    assertEquals("cpu", json.get("device").stringValue());
    assertEquals(7, json.get("seed").intValue());
    assertEquals(120_458, json.get("parameters").intValue());
    assertEquals(
        "{\"epoch\":1,\"train_loss\":0.5,\"test_error\":0.04,\"seconds\":9.5}",
        json.get("epochs").get(0).toString());
    assertFalse(json.has("results"));
    assertFalse(json.get("environment").has("threads"));
    assertEquals(run, ResultFile.read(file));
  }

  @Test
  void benchmarkComesBackAsItWent() {
    Path file = dir.resolve("b.json");
    Result row =
        Result.of("softmax forward")
            .variant("online")
            .device("cuda:0")
            .dtype("F32")
            .shape("[32, 784] × [784, 10]")
            .seed(3)
            .samples("us", 4, 1, 3, 2, 5)
            .bytes(1L << 40)
            .flop(Long.MAX_VALUE)
            .errorShare(0.25)
            .version("torch", "2.9")
            .version("cudnn", "9.24")
            .version("cublas", "13.1")
            .kernel(
                new KernelFacts(
                    "softmax",
                    "F32",
                    true,
                    null,
                    new KernelFacts.Warm(20, 2, 1, 3, false),
                    true,
                    new KernelFacts.Traffic(8, 4, 64, 32, 32, 0, 1, 0),
                    0.5))
            .build();
    assertEquals(3, row.median());
    assertEquals(1.4, row.p10(), 1e-15);
    assertEquals(4.6, row.p90(), 1e-15);
    Results rows =
        Results.rows(HERE.withSimd("256 bits", 2).withDevice("H100"), List.of(row))
            .withCeilings(new Ceilings(true, 3e12, Map.of("F32", 6e13)));
    ResultFile.write(file, rows);
    Results back = ResultFile.read(file);
    assertEquals(rows, back);
    assertEquals(
        List.of("torch", "cudnn", "cublas"),
        List.copyOf(back.results().getFirst().versions().keySet()));
  }

  static Stream<Arguments> hostile() {
    String rows = "{\"schema\": 1, " + ENVIRONMENT + ", \"results\": [" + ROW + ", %s]}";
    String run = "{\"schema\": 1, " + ENVIRONMENT + ", %s}";
    return Stream.of(
        Arguments.of("", "expected a JSON object"),
        Arguments.of("[]", "expected a JSON object"),
        Arguments.of("7", "expected a JSON object"),
        Arguments.of("{\"schema\": 1", "not JSON at line 1"),
        Arguments.of("{\"schema\": 1} x", "not JSON at line 1"),
        Arguments.of("\u0000\u0001", "not JSON at line 1"),
        Arguments.of("{}", "schema: expected 1, found none"),
        Arguments.of("{\"later\": true, \"schema\": 2}", "schema: expected 1, found 2"),
        Arguments.of("{\"schema\": \"1\"}", "schema: expected 1, found \"1\""),
        Arguments.of("{\"schema\": 1, \"schema\": 1}", "not JSON"),
        Arguments.of("{\"schema\": 1}", "environment is missing"),
        Arguments.of("{\"schema\": 1, " + ENVIRONMENT + "}", "results must have a row"),
        Arguments.of(run.formatted("\"sample\": \"x\""), "device is missing"),
        Arguments.of(rows.formatted(ROW + "], \"late\": [1"), "late: unknown field"),
        Arguments.of(rows.formatted(ROW.replace("{", "{\"men\": 1,")), "results[1].men: unknown"),
        Arguments.of(run.formatted("\"sample\": 3"), "sample: expected a string, found a whole"),
        Arguments.of(run.formatted("\"seed\": \"3\""), "seed: expected a whole number, found a s"),
        Arguments.of(run.formatted("\"seed\": 1.5"), "seed: expected a whole number, found a num"),
        Arguments.of(run.formatted("\"seed\": 99999999999999999999"), "seed: "),
        Arguments.of(run.formatted("\"seed\": " + "9".repeat(5000)), "too long or too deep: "),
        Arguments.of(
            run.formatted("\"ceilings\": {\"measured\": true, \"bytes_per_second\": 0}"),
            "ceilings: bytes_per_second must be above 0, found 0"),
        Arguments.of(run.formatted("\"epochs\": {}"), "epochs: expected an array, found an object"),
        Arguments.of(run.formatted("\"epochs\": [null]"), "epochs"),
        Arguments.of(run.formatted("\"epochs\": [3]"), "epochs[0]: "),
        Arguments.of(
            run.formatted(
                "\"epochs\": [{\"epoch\": 1, \"train_loss\": 1, \"test_error\": 4.1, \"seconds\":"
                    + " 1}]"),
            "epochs[0]: test_error is a share from 0 to 1, found 4.1"),
        Arguments.of(
            run.formatted("\"epochs\": [{\"epoch\": 1}]"), "epochs[0].train_loss: is missing"),
        Arguments.of(rows.formatted("{\"what\": \"x\"}"), "results[1].n: is missing"),
        Arguments.of(rows.formatted(ROW.replace("2", "\"x\"")), "results[1].median: expected a nu"),
        Arguments.of(
            rows.formatted(ROW.replace("2", "1e999")), "results[1]: median must be finite"),
        Arguments.of(
            rows.formatted(ROW.replace("2", "9")), "results[1]: p90 must reach the median"),
        Arguments.of(rows.formatted(ROW.replace("2", "null")), "results[1].median"),
        Arguments.of(rows.formatted(ROW.replace("2", "true")), "results[1].median"),
        Arguments.of(rows.formatted("[".repeat(100_000)), "too long or too deep: "),
        Arguments.of(
            run.formatted("\"sample\": \"" + "x".repeat(200_000) + "\""),
            "too long or too deep: "));
  }

  @ParameterizedTest
  @MethodSource
  void hostile(String text, String complaint) throws Exception {
    Path file = dir.resolve("h.json");
    Files.writeString(file, text);
    String message = message(() -> ResultFile.read(file));
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(complaint), message);
    assertTrue(message.length() < 400 && !message.contains("\n"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"what", "n", "median", "p10", "p90", "unit"})
  void noFieldOfARowIsGuessed(String field) throws Exception {
    Path file = dir.resolve("m.json");
    String less = ROW.replaceAll("\"" + field + "\": [^,}]*(, )?", "").replace(", }", "}");
    Files.writeString(file, "{\"schema\": 1, %s, \"results\": [%s]}".formatted(ENVIRONMENT, less));
    String message = message(() -> ResultFile.read(file));
    assertTrue(message.contains("is missing") && message.contains(field), message);
  }

  @Test
  void truncatedAnywhereIsRefused() throws Exception {
    Path file = dir.resolve("t.json");
    ResultFile.write(file, Results.rows(HERE, List.of(Result.of("x").value("s", 1).build())));
    byte[] whole = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThrows(UserError.class, () -> ResultFile.read(file), "cut at " + length);
    }
  }

  @Test
  void aFileWithoutEndIsGivenUp() {
    Path zero = Path.of("/dev/zero");
    assumeTrue(Files.exists(zero), "no /dev/zero");
    assertTrue(message(() -> ResultFile.read(zero)).contains("longer than the 64 MB allowed"));
    Results results = Results.rows(HERE, List.of(Result.of("x").value("s", 1).build()));
    assertTrue(message(() -> ResultFile.write(zero, results)).contains("no ordinary file"));
  }

  @Test
  void missingFileAndFolderAreNamed() {
    assertTrue(message(() -> ResultFile.read(dir.resolve("no"))).endsWith("no: no such file"));
    assertTrue(message(() -> ResultFile.read(dir)).contains("is a folder"));
  }

  @Test
  void writingReplacesAsAWholeAndMakesNoFolder() throws Exception {
    Results results = Results.rows(HERE, List.of(Result.of("x").value("s", 1).build()));
    assertTrue(message(() -> ResultFile.write(dir, results)).contains("is a folder"));
    Path deep = dir.resolve("a/b.json");
    assertTrue(message(() -> ResultFile.write(deep, results)).contains("there is no folder"));
    assertFalse(Files.exists(dir.resolve("a")));

    Path file = dir.resolve("f.json");
    Files.writeString(file, "old");
    Path link = Files.createSymbolicLink(dir.resolve("link.json"), file);
    ResultFile.write(link, results);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(results, ResultFile.read(file));
    try (Stream<Path> left = Files.list(dir)) {
      assertEquals(2, left.count(), "a temporary file was left");
    }
  }

  @Test
  void whatCannotBeIsNotEvenMade() {
    assertThrows(IllegalArgumentException.class, () -> new Epoch(0, 1, null, 1));
    assertThrows(IllegalArgumentException.class, () -> new Epoch(1, 1, 1.5, 1));
    assertThrows(IllegalArgumentException.class, () -> Result.of("x").build());
    assertThrows(
        IllegalArgumentException.class, () -> Result.of("x").value("s", Double.NaN).build());
    assertThrows(IllegalArgumentException.class, () -> Results.rows(HERE, List.of()));
    var twice = List.of(new Epoch(1, 1, null, 1), new Epoch(1, 1, null, 1));
    assertThrows(IllegalArgumentException.class, () -> Results.run(HERE, "x", "cpu", 0, 1, twice));
  }

  private static String message(Executable call) {
    return String.valueOf(assertThrows(UserError.class, call).getMessage());
  }
}
