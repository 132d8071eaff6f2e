package org.adjoint.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.samples.cli.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings the README's tables up to date with {@code bench/results}. */
@Command(
    name = "readme",
    description = "write the tables of bench/results into README.md and bench/VARIANTS.md")
final class ReadmeCommand implements Callable<Integer> {
  private static final List<String> PAGES = List.of("README.md", "bench/VARIANTS.md");

  @Spec private CommandSpec spec;

  @Option(names = "--check", description = "only say whether they are up to date")
  private boolean check;

  @Override
  public Integer call() {
    Path home = Path.of(System.getProperty("adjoint.home", ""));
    Tables tables = new Tables(home.resolve("bench/results"));
    for (String page : PAGES) {
      Path file = home.resolve(page);
      boolean stale = Readme.update(file, tables, !check);
      if (stale && check) {
        throw new UserError(file + " is stale; run ./adjoint bench readme");
      }
      spec.commandLine().getOut().println(file + (stale ? " written" : " is up to date"));
    }
    return 0;
  }
}
