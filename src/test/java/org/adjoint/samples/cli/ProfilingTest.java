package org.adjoint.samples.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.adjoint.Tensor;
import org.adjoint.optim.Sgd;
import org.adjoint.profile.Profile;
import org.adjoint.profile.TraceFile;
import org.adjoint.samples.LeNet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class ProfilingTest {
  /** A sample that trains for so many steps, and knows nothing of profiles. */
  @Command(name = "descend", description = "goes down")
  static final class Descend implements Callable<Integer> {
    @Mixin RunOptions run;

    @Option(names = "--steps", defaultValue = "40")
    int steps;

    @Option(names = "--fail")
    boolean fails;

    @Override
    public Integer call() {
      System.out.println("down we go");
      Tensor w = Tensor.of(1.0, 2).requireGrad();
      Sgd sgd = new Sgd(Map.of("w", w), 0.1, 0);
      for (int i = 0; i < steps; i++) {
        sgd.zeroGrad();
        w.mul(w).sum().backward();
        sgd.step();
      }
      if (fails) {
        throw new UserError("a stone");
      }
      return 0;
    }
  }

  @TempDir Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final StringWriter err = new StringWriter();

  private int adjoint(String... args) {
    PrintStream console = System.out;
    try (PrintStream capture = new PrintStream(printed, true, UTF_8)) {
      System.setOut(capture);
      return Main.commandLine(List.of(new Course.Sample(1, Descend.class)))
          .setErr(new PrintWriter(err, true))
          .execute(args);
    } finally {
      System.setOut(console);
    }
  }

  @Test
  void anySampleCanBeProfiled() throws IOException {
    Path file = folder.resolve("trace.json");
    assertEquals(
        0, adjoint("run", "descend", "--profile", file.toString(), "--profile-after", "20"));
    String text = printed.toString(UTF_8);
    assertTrue(text.contains("profile of step 21 to step 30, each: "), text);
    assertTrue(text.contains("trace: " + file), text);
    assertEquals(10, TraceFile.of(Files.readString(file)).in("step").size());
  }

  @Test
  void whatCannotBeIsOneLine() throws IOException {
    Path nowhere = folder.resolve("no/trace.json");
    assertEquals(1, adjoint("run", "descend", "--profile", nowhere.toString()));
    assertEquals("", printed.toString(UTF_8)); // before anything is done
    assertEquals(
        "adjoint run descend: %s: there is no folder %s; make it first"
            .formatted(nowhere, nowhere.getParent()),
        err.toString().strip());
    err.getBuffer().setLength(0);

    Path file = folder.resolve("trace.json");
    assertEquals(1, adjoint("run", "descend", "--profile", file.toString()));
    assertEquals(
        "adjoint run descend: profile: the training took 40 steps, too few to profile those after"
            + " step 100; take more, or give a lesser --profile-after",
        err.toString().strip());
    err.getBuffer().setLength(0);

    assertEquals(1, adjoint("run", "descend", "--profile=" + file, "--profile-after=0"));
    assertEquals(1, adjoint("run", "descend", "--profile=" + file, "--fail"));
    assertEquals(
        List.of(
            "adjoint run descend: --profile-after must be at least 1: the first step is like no"
                + " other",
            "adjoint run descend: a stone"),
        err.toString().lines().toList());
    assertFalse(Files.exists(file));
    assertEquals(1, Profile.of(() -> {}).spans().size()); // nothing is left on
  }

  @Test
  void aReplayedStepHasNothingToShow() {
    LeNet sample = new LeNet();
    new CommandLine(sample).parseArgs("--graph", "--device=cpu", "--profile=t.json");
    assertEquals(
        "--graph replays a step as a whole, in which --profile sees no operations; leave it out",
        assertThrows(UserError.class, sample::call).getMessage());
  }
}
