package org.adjoint.bench;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adjoint.samples.cli.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Brings the README's tables up to date with {@code bench/results}. */
@Command(
    name = "readme",
    description = "write the tables of bench/results into README.md, between its markers")
final class ReadmeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--check", description = "only say whether README.md is up to date")
  private boolean check;

  @Override
  public Integer call() {
    Path home = Path.of(System.getProperty("adjoint.home", ""));
    Path readme = home.resolve("README.md");
    boolean stale = Readme.update(readme, new Tables(home.resolve("bench/results")), !check);
    if (stale && check) {
      throw new UserError(readme + " is stale; run ./adjoint bench readme");
    }
    spec.commandLine().getOut().println(readme + (stale ? " written" : " is up to date"));
    return 0;
  }
}
