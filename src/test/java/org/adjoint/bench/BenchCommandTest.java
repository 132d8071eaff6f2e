package org.adjoint.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class BenchCommandTest {
  @TempDir Path dir;
  private String home;
  private final StringWriter out = new StringWriter();

  @BeforeEach
  void standIn() {
    home = System.getProperty("adjoint.home");
    System.setProperty("adjoint.home", dir.toString());
  }

  @AfterEach
  void standBack() {
    if (home == null) {
      System.clearProperty("adjoint.home");
    } else {
      System.setProperty("adjoint.home", home);
    }
  }

  @Test
  void comparesBenchmarks() {
    Path old = write("old", Results.rows(ResultFileTest.HERE, List.of(row("a", 1), row("b", 1))));
    Path now = write("new", Results.rows(ResultFileTest.HERE, List.of(row("a", 1.2), row("c", 1))));
    assertEquals(0, run("compare", old.toString(), now.toString()));
    assertTrue(out.toString().contains("SLOWER"), out.toString());
    assertTrue(out.toString().contains("only in the old file: b"), out.toString());
    assertTrue(out.toString().contains("only in the new file: c"), out.toString());
    assertTrue(out.toString().contains("0 same, 0 faster, 1 slower, 0 unclear"), out.toString());
  }

  @Test
  void comparesTrainingRuns() {
    Path old = write("old", training(0.0131, 10));
    Path now = write("new", training(0.0140, 8));
    assertEquals(0, run("compare", old.toString(), now.toString()));
    String text = out.toString();
    assertTrue(text.contains("1.31 % → 1.40 %   +0.09 points"), text);
    assertTrue(text.contains("ratio 0.8") && text.contains("FASTER"), text);
  }

  @Test
  void refusesWhatDoesNotBelongTogether() {
    Path old = write("old", training(0.0131, 10));
    Path now = write("new", Results.rows(ResultFileTest.HERE, List.of(row("a", 1))));
    assertEquals(1, run("compare", old.toString(), now.toString()));
    assertTrue(out.toString().contains("holds a training run"), out.toString());
    assertEquals(1, run("compare", old.toString(), dir.resolve("none").toString()));
  }

  @Test
  void staleReadmeFailsTheCheckUntilWritten() throws Exception {
    Path readme = dir.resolve("README.md");
    String text = "<!-- results:lenet-mnist -->\n<!-- /results:lenet-mnist -->\n";
    Files.writeString(readme, text);
    Files.createDirectories(dir.resolve("bench/results"));
    Files.writeString(dir.resolve("bench/VARIANTS.md"), "no tables");
    ResultFile.write(dir.resolve("bench/results/lenet-mnist-0.json"), training(0.0131, 10));
    assertEquals(1, run("readme", "--check"));
    assertTrue(out.toString().contains("README.md is stale"), out.toString());
    assertEquals(text, Files.readString(readme));
    assertEquals(0, run("readme"));
    assertEquals(0, run("readme", "--check"));
    assertTrue(Files.readString(readme).contains("| 1.31 % |"), Files.readString(readme));
  }

  @Test
  void cpuRefusesInOneLineWhatItCannotDo() {
    assertEquals(1, run("cpu", "--only", "cake"));
    assertTrue(out.toString().startsWith("no work is named cake; there is: sgemm-512, "));
    assertEquals(1, out.toString().lines().count());
    assertEquals(1, run("cpu", "--rounds", "1"));
    assertEquals(
        "--rounds must be from 2 to 1000, --seconds above 0 and at most 60",
        out.toString().strip());
    assertEquals(1, run("cpu", "--seconds", "NaN"));
    assertEquals(1, run("cpu", "--json", dir.toString()));
    assertEquals(1, run("cpu", "--against", dir.toString()));
    assertTrue(out.toString().contains("is no checkout of Adjoint"), out.toString());
    assertEquals(1, run("cpu", "--against", dir.toString(), "--peers"));
    assertTrue(out.toString().startsWith("--peers or --against, not both"), out.toString());
    assertEquals(2, run("cpu", "--rounds", "many"));
    assertEquals(2, run("cpu", "--only"));
  }

  @Test
  void aCommandIsAskedFor() {
    assertEquals(2, run());
  }

  private static Results training(double error, double seconds) {
    List<Epoch> epochs =
        IntStream.rangeClosed(1, 6)
            .mapToObj(i -> new Epoch(i, 1.0 / i, error, seconds + 0.01 * i))
            .toList();
    return Results.run(ResultFileTest.HERE, "lenet", "cpu", 0, 120_458, epochs);
  }

  private static Result row(String what, double centre) {
    return Result.of(what).samples("us", CompareTest.times(1, 50, centre, 0.02)).build();
  }

  private Path write(String name, Results results) {
    Path file = dir.resolve(name + ".json");
    ResultFile.write(file, results);
    return file;
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    var writer = new PrintWriter(out, true);
    return new CommandLine(new BenchCommand())
        .setOut(writer)
        .setErr(writer)
        .setExecutionExceptionHandler((e, command, parsed) -> {
          writer.println(e.getMessage());
          return 1;
        })
        .execute(args);
  }
}
