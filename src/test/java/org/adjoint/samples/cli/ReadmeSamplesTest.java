package org.adjoint.samples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README says of the command line is so. */
class ReadmeSamplesTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (\\d+) \\| `([a-z0-9-]+)` \\| .+ \\|$");

  private final String readme;

  ReadmeSamplesTest() throws IOException {
    readme = Files.readString(Path.of("README.md"));
  }

  @Test
  void tableIsTheCourse() {
    List<String> rows =
        ROW.matcher(readme).results().map(r -> r.group(1) + " " + r.group(2)).toList();
    assertEquals(Course.SAMPLES.stream().map(s -> s.number() + " " + s.name()).toList(), rows);
  }

  @Test
  void everyCommandIsThere() {
    for (String command : Main.commandLine(Course.SAMPLES).getSubcommands().keySet()) {
      assertTrue(
          command.equals("run") || readme.contains("`./adjoint " + command),
          "README.md does not name ./adjoint " + command);
    }
  }
}
