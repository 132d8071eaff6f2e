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
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadmeTest {
  private static final String OPEN = "<!-- results:t -->";
  private static final String CLOSE = "<!-- /results:t -->";

  @TempDir Path dir;

  @Test
  void readmeOfThisProjectIsUpToDate() {
    Path readme = Path.of("README.md");
    assumeTrue(Files.exists(readme), "no README.md here");
    assertFalse(
        Readme.update(readme, new Tables(Path.of("bench/results")), false),
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
  void tablesAreNamedWhereOneIsUnknownOrEmpty() {
    Tables tables = new Tables(dir);
    assertEquals(
        "no table is named x; there is: lenet-mnist",
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
