package org.adjoint.samples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

class MainTest {
  /** A sample that says what it was given, or fails as it is told. */
  @Command(name = "echo", description = "says what it was given")
  static final class Echo implements Callable<Integer> {
    @Mixin DeviceOptions run;
    @Spec CommandSpec spec;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "3")
    int epochs;

    @Option(names = "--fail")
    String failure = "";

    @Override
    public Integer call() throws Exception {
      switch (failure) {
        case "user" -> throw new UserError("no data here;\n  fetch it");
        case "bug" -> throw new IllegalStateException("a bug");
        case "error" -> throw new AssertionError("a bug");
        default ->
            spec.commandLine()
                .getOut()
                .println(
                    String.join(
                        " ",
                        run.device().toString(),
                        "" + run.seed(),
                        "" + epochs,
                        "" + run.out()));
      }
      return 0;
    }
  }

  /** A second one, so that the list has an order; with a help option that it declares itself. */
  @Command(
      name = "attention",
      mixinStandardHelpOptions = true,
      description = {"does nothing", "in two lines"})
  static final class Attention implements Callable<Integer> {
    @Mixin RunOptions run;

    @Override
    public Integer call() {
      return 0;
    }
  }

  private record Result(int status, String out, String err) {}

  private static Result adjoint(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine main =
        Main.commandLine(
                List.of(new Course.Sample(1, Echo.class), new Course.Sample(12, Attention.class)))
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    int status = main.execute(args);
    return new Result(status, out.toString(), err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          trian                   | adjoint: unknown command 'trian' (adjoint --help)
          doctr                   | adjoint: unknown command 'doctr'; did you mean doctor? (adjoint --help)
          --versoin               | adjoint: unknown option '--versoin'; did you mean --version? (adjoint --help)
          samples --long          | adjoint samples: unknown option '--long' (adjoint samples --help)
          samples all             | adjoint samples: unexpected argument 'all' (adjoint samples --help)
          run                     | adjoint run: which sample? adjoint samples lists them (adjoint run --help)
          run ecko                | adjoint run: unknown sample 'ecko'; did you mean echo? (adjoint run --help)
          run nothing --seed 1    | adjoint run: unknown sample 'nothing' (adjoint run --help)
          run echo --epocs 5      | adjoint run echo: unknown option '--epocs'; did you mean --epochs? (adjoint run echo --help)
          run echo --epocs=5      | adjoint run echo: unknown option '--epocs'; did you mean --epochs? (adjoint run echo --help)
          run echo -x             | adjoint run echo: unknown option '-x' (adjoint run echo --help)
          run echo 5              | adjoint run echo: unexpected argument '5' (adjoint run echo --help)
          run echo --seed         | adjoint run echo: missing required parameter for option '--seed' (N) (adjoint run echo --help)
          run echo --seed --epochs 5 | adjoint run echo: expected parameter for option '--seed' but found '--epochs' (adjoint run echo --help)
          run echo --seed one     | adjoint run echo: invalid value for option '--seed': 'one' is not a long (adjoint run echo --help)
          run echo --seed 1 --seed 2 | adjoint run echo: option '--seed' (N) should be specified only once (adjoint run echo --help)
          """)
  void misuseIsOneLineAndStatus2(String args, String line) {
    Result result = adjoint(args.split(" "));
    assertEquals(line + System.lineSeparator(), result.err);
    assertEquals("", result.out);
    assertEquals(2, result.status);
  }

  @Test
  void userErrorIsOneLineAndStatus1() {
    Result result = adjoint("run", "echo", "--fail", "user");
    assertEquals("adjoint run echo: no data here; fetch it" + System.lineSeparator(), result.err);
    assertEquals(1, result.status);
  }

  @ParameterizedTest
  @CsvSource({"bug, IllegalStateException", "error, AssertionError"})
  void bugShowsItsStackAndStatus70(String failure, String thrown) {
    Result result = adjoint("run", "echo", "--fail", failure);
    assertTrue(result.err.startsWith("java.lang." + thrown + ": a bug"), result.err);
    assertTrue(result.err.contains("\tat " + Echo.class.getName() + ".call"), result.err);
    assertEquals(70, result.status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "cuda:0", "cuda:x", "cpu:1"})
  void deviceThatIsNotThereIsOneLine(String device) {
    Result result = adjoint("run", "echo", "--device", device);
    assertEquals(1, result.status);
    assertEquals(1, result.err.lines().count(), result.err);
    assertTrue(result.err.contains("device"), result.err);
  }

  @Test
  void samplesAreListedInOrder() {
    Result result = adjoint("samples");
    assertEquals(
        List.of("01  echo       says what it was given", "12  attention  does nothing"),
        result.out.lines().toList());
    assertEquals(0, result.status);
  }

  @Test
  void sampleGetsItsOptionsAndDefaults() {
    assertEquals("cpu 0 3 " + Path.of("target/samples/echo"), adjoint("run", "echo").out.strip());
    assertEquals(
        "cpu 7 5 p",
        adjoint("run", "echo", "--device=cpu", "--seed", "7", "--epochs", "5", "--out", "p")
            .out
            .strip());
  }

  @Test
  void versionIsThePoms() {
    Result result = adjoint("--version");
    assertTrue(result.out.matches("adjoint \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R"), result.out);
    assertEquals(0, result.status);
  }

  @Test
  void helpNamesEveryCommand() {
    Result bare = adjoint();
    assertEquals(0, bare.status);
    assertEquals(bare, adjoint("--help"));
    for (String command : List.of("samples", "run", "doctor", "docs", "shell", "format")) {
      assertTrue(
          bare.out.lines().anyMatch(line -> line.startsWith("  " + command + " ")), bare.out);
    }
  }

  @Test
  void everyCommandAndSampleHasHelp() {
    assertTrue(adjoint("run", "--help").out.contains("attention"));
    Result help = adjoint("run", "echo", "--help");
    assertEquals(0, help.status);
    for (String option : List.of("--device", "--seed", "--data", "--json", "--out", "--epochs")) {
      assertTrue(help.out.contains(option), help.out);
    }
    assertTrue(adjoint("run", "attention", "--help").out.contains("--seed"));
    assertEquals(0, adjoint("doctor", "--help").status);
    assertEquals(0, adjoint("shell", "--help").status);
  }

  @Test
  void shellAndFormatPointToTheLauncher() {
    Result result = adjoint("shell");
    assertEquals(1, result.status);
    assertTrue(result.err.contains("./adjoint shell"), result.err);
  }

  @Test
  void doctorNamesWhatItFinds() {
    Result result = adjoint("doctor");
    assertEquals(0, result.status);
    for (String line : List.of("Java:", "System:", "Heap:", "Vectors:", "CUDA:")) {
      assertTrue(result.out.lines().anyMatch(found -> found.startsWith(line)), result.out);
    }
  }
}
