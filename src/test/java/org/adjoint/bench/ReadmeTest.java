package org.adjoint.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmeTest {
  private static final String OPEN = "<!-- results:t -->";
  private static final String CLOSE = "<!-- /results:t -->";

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "bench/VARIANTS.md"})
  void tablesOfThisProjectAreUpToDate(String page) {
    Path file = Path.of(page);
    assumeTrue(Files.exists(file), "no " + page + " here");
    assertFalse(
        Readme.update(file, new Tables(Path.of("bench/results")), false),
        "run ./adjoint bench readme");
  }

  @Test
  void onlyWhatStandsBetweenTheMarkersChanges() {
    String before = "\uFEFFintro\r\n\ttabs  \n\n" + OPEN;
    String after = CLOSE + "  ".strip() + "\nend, no newline at the last line";
    assertEquals(
        before + "\nTABLE t\n" + after,
        Readme.render(before + "\nold\nrows\n" + after, ReadmeTest::table));
    assertEquals(
        before + "\nTABLE t\n" + after, Readme.render(before + "\n" + after, ReadmeTest::table));
    assertEquals("no markers\r\n", Readme.render("no markers\r\n", ReadmeTest::table));
  }

  @Test
  void lineEndsAreThoseOfTheMarker() {
    assertEquals(
        OPEN + "\r\nTABLE t\r\n" + CLOSE + "\r\n",
        Readme.render(OPEN + "\r\nold\r\n" + CLOSE + "\r\n", ReadmeTest::table));
  }

  @Test
  void twoTables() {
    String text = "a\n" + OPEN + "\n" + CLOSE + "\nb\n" + OPEN.replace(":t", ":u") + "\nx\n";
    String fresh = Readme.render(text + CLOSE.replace(":t", ":u") + "\nc\n", ReadmeTest::table);
    assertTrue(fresh.contains("TABLE t\n") && fresh.contains("TABLE u\n"), fresh);
    assertTrue(fresh.startsWith("a\n") && fresh.endsWith("\nc\n"), fresh);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "x|<!-- results:t -->|y; line 2: results:t is not closed",
        "<!-- results:t -->|<!-- results:t -->; line 2: results:t is not closed before",
        "<!-- results:t -->|<!-- /results:u -->; line 2: results:t is not closed before",
        "<!-- /results:t -->; line 1: results:t is closed and was not opened",
        "<!-- results:none -->|<!-- /results:none -->; line 1: no table",
        "<!--results:t-->; line 1: a marker is",
        "text <!-- results:t -->; line 1: a marker is",
        "<!-- results:t --> text|<!-- /results:t -->; line 1: a marker is",
      })
  void wrongMarkersAreNamedAndNothingIsWritten(String text, String complaint) throws Exception {
    Path file = dir.resolve("README.md");
    byte[] bytes = text.replace('|', '\n').getBytes(StandardCharsets.UTF_8);
    Files.write(file, bytes);
    UserError error =
        assertThrows(UserError.class, () -> Readme.update(file, ReadmeTest::table, true));
    String message = String.valueOf(error.getMessage());
    assertTrue(message.startsWith(file + ": " + complaint), message);
    assertFalse(message.contains("\n"), message);
    assertArrayEquals(bytes, Files.readAllBytes(file));
  }

  @Test
  void bytesThatAreNoUtf8AreNotTouched() throws Exception {
    Path file = dir.resolve("README.md");
    Files.write(file, new byte[] {'a', (byte) 0xFF});
    assertThrows(UserError.class, () -> Readme.update(file, ReadmeTest::table, true));
  }

  @Test
  void seedsMakeATableWithTheirMean() throws Exception {
    for (int seed : new int[] {10, 9}) {
      Environment where = seed == 9 ? ResultFileTest.HERE : ResultFileTest.HERE.withSimd("x", 2);
      Results run =
          Results.run(
              where,
              "lenet",
              "cpu",
              seed,
              120_458,
              List.of(new Epoch(1, 1, 0.5, 11), new Epoch(2, 0.5, seed == 9 ? 0.0131 : 0.0133, 9)));
      ResultFile.write(dir.resolve("lenet-mnist-" + seed + ".json"), run);
    }
    assertEquals(
        """
        | device | seed | parameters | epochs | test error | seconds per epoch | hardware | commit |
        |---|---:|---:|---:|---:|---:|---|---|
        | cpu | 9 | 120,458 | 2 | 1.31 % | 10.0 | a cpu, 2 threads | `abc` |
        | cpu | 10 | 120,458 | 2 | 1.33 % | 10.0 | a cpu, 2 threads | `abc` |
        | cpu | **mean** |  |  | **1.32 %** | **10.0** |  |  |
        """,
        new Tables(dir).apply("lenet-mnist"));
  }

  @Test
  void trainingsOnOneGpuStandBesidePyTorch() throws Exception {
    Files.writeString(
        dir.resolve("gpu-lenet-x.jsonl"),
        """
        {"by": "adjoint", "mode": "graph", "tf32": true, "schema": 1, "environment": {"commit": "abc", \
        "java": "25", "os": "x", "processors": 1, "max_heap": 1, "device": "a GPU"}, "epochs": [\
        {"epoch": 1, "train_loss": 1, "test_error": 0.5, "seconds": 1, "steps": 1000}, \
        {"epoch": 2, "train_loss": 1, "test_error": 0.013, "seconds": 0.02, "steps": 1000}, \
        {"epoch": 3, "train_loss": 1, "test_error": 0.012, "seconds": 0.03, "steps": 1000}]}
        {"by": "pytorch", "mode": "eager", "device": "a GPU", "tf32": false, "versions": \
        {"torch": "2", "cuda": null}, "seconds": 0.6, "epochs": [\
        {"epoch": 1, "train_loss": 1, "test_error": 0.014, "seconds": 0.6, "steps": 1000}]}
        {"by": "pytorch", "mode": "none", "epochs": []}
        """);
    assertEquals(
        """
        a GPU, `abc`, PyTorch 2:

        | by | steps | epochs | seconds | us a step | × PyTorch eager | test error |
        |---|---|---:|---:|---:|---:|---:|
        | adjoint | graph, TF32 | 3 | 1.05 | 30.0 | 20.00 | 1.20 % |
        | pytorch | eager | 1 | 0.60 | 600.0 | 1.00 | 1.40 % |
        """,
        new Tables(dir).apply("gpu-lenet"));
    Path broken = Files.writeString(dir.resolve("gpu-lenet-y.jsonl"), "{\"by\": \"x\"}\n");
    assertEquals(
        broken + ": line 1: mode is missing",
        assertThrows(UserError.class, () -> new Tables(dir).apply("gpu-lenet")).getMessage());
  }

  @Test
  void contestantsStandSideBySide() throws Exception {
    for (int seed : new int[] {10, 9}) {
      contest(seed, 1, seed == 9 ? 0.0171 : 0.0181);
    }
    assertEquals(
        """
        | seed | LeNet-5 | MLP | MLP (digits unmoved) | hardware | commit |
        |---:|---:|---:|---:|---|---|
        | 9 | 0.75 % | 1.10 % | 1.71 % | a cpu, 2 threads | `abc` |
        | 10 | 0.75 % | 1.10 % | 1.81 % | a cpu, 2 threads | `abc` |
        | **mean** | **0.75 %** | **1.10 %** | **1.76 %** |  |  |
        """,
        new Tables(dir).apply("lenet5-mnist"));
    contest(11, 2, 0.02);
    assertEquals("the runs of the table differ in their epochs", refusedContest());
  }

  @Test
  void contestantsThatAreMissingAreNamed() throws Exception {
    List<Epoch> epochs = List.of(new Epoch(1, 1, 0.0075, 9));
    Results alone = Results.run(ResultFileTest.HERE, "lenet5", "cpu", 0, 61_706, epochs);
    ResultFile.write(dir.resolve("lenet5-mnist-0.json"), alone);
    assertEquals("a file of the table holds no \"MLP: test error\"", refusedContest());
    Results none = Results.run(ResultFileTest.HERE, "lenet5", "cpu", 0, 61_706, List.of());
    ResultFile.write(dir.resolve("lenet5-mnist-0.json"), none);
    assertEquals("a file of the table holds no test error of LeNet-5", refusedContest());
  }

  @Test
  void speedStandsBesideThatOfThePeers() throws Exception {
    assertEquals("No run is on record yet.\n", new Tables(dir).apply("cpu"));
    Result own =
        Result.of("softmax-4096x1024")
            .variant("adjoint")
            .samples("ms", 1.5, 1.5, 1.5)
            .ratio("pytorch", new Result.Ratio(1.2, 0.75, 1.5))
            .build();
    Result peer =
        Result.of("softmax-4096x1024").variant("pytorch").samples("ms", 1.1, 1.8, 2.0).build();
    Result alone = Result.of("checks").variant("adjoint").samples("s", 130.0).build();
    ResultFile.write(
        dir.resolve("cpu-a.json"),
        Results.rows(ResultFileTest.HERE.withSimd("x", 2), List.of(own, peer, alone)));
    assertEquals(
        """
        a cpu, 2 threads, `abc`:

        | work | adjoint | pytorch | must |
        |---|---:|---:|---|
        | softmax-4096x1024 | 1.500 ms | 1.800 ms, **1.20×** [0.75, 1.50] | ≥ 0.80× pytorch: unclear |
        | checks | 130 s |  | ≤ 120 s: no |
        """,
        new Tables(dir).apply("cpu"));
    ResultFile.write(dir.resolve("cpu-a.json"), Results.rows(ResultFileTest.HERE, List.of(peer)));
    assertEquals(
        "a file of the table holds no row of adjoint on softmax-4096x1024",
        assertThrows(IllegalArgumentException.class, () -> new Tables(dir).apply("cpu"))
            .getMessage());
  }

  private void contest(int seed, int epochs, double unmoved) throws Exception {
    List<Epoch> history =
        IntStream.rangeClosed(1, epochs).mapToObj(e -> new Epoch(e, 1, 0.0075, 9)).toList();
    Results run =
        Results.run(ResultFileTest.HERE, "lenet5", "cpu", seed, 61_706, history)
            .withResults(
                List.of(
                    Result.of("MLP: test error").value("number", 0.011).build(),
                    Result.of("MLP (digits unmoved): test error")
                        .value("number", unmoved)
                        .build()));
    ResultFile.write(dir.resolve("lenet5-mnist-" + seed + ".json"), run);
  }

  private String refusedContest() {
    Tables tables = new Tables(dir);
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> tables.apply("lenet5-mnist"))
            .getMessage());
  }

  @Test
  void tablesAreNamedWhereOneIsUnknownOrEmpty() {
    Tables tables = new Tables(dir);
    assertEquals(
        "no table is named x; there is: cpu, gpu-lenet, host, kernels, lenet-mnist, lenet5-mnist,"
            + " variants",
        assertThrows(IllegalArgumentException.class, () -> tables.apply("x")).getMessage());
    var empty = assertThrows(IllegalArgumentException.class, () -> tables.apply("lenet-mnist"));
    assertEquals(
        "results:lenet-mnist: there is no lenet-mnist*.json in " + dir, empty.getMessage());
  }

  private static String table(String name) {
    if (name.equals("none")) {
      throw new IllegalArgumentException("no table");
    }
    return "TABLE " + name + "\n";
  }
}
