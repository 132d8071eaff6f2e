package org.adjoint.samples.data;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.adjoint.data.Mnist;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./adjoint fetch mnist [--to DIR]}: downloads a data set and verifies it. */
@Command(
    name = "fetch",
    mixinStandardHelpOptions = true,
    description = {
      "Downloads a data set from a public mirror and verifies it.",
      "What is already there and right is not downloaded again."
    })
public final class FetchCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "DATASET", description = "The data set: mnist (12 MB).")
  private String dataset = "";

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description =
          "The folder to put the files in. Default: mnist in the cache, ~/.cache/adjoint.")
  private @Nullable Path to;

  /**
   * Fetches, and says on standard output what happened to each file.
   *
   * @return 0
   * @throws UserError if the data set is unknown or cannot be had
   */
  @Override
  public Integer call() {
    if (!dataset.equals("mnist")) {
      throw new UserError("unknown data set \"" + dataset + "\"; there is: mnist");
    }
    Path dir = to != null ? to : Mnist.cacheFolder().resolve("mnist");
    new Fetch(Fetch.MNIST_MIRRORS, PATIENCE, this::say).all(Fetch.MNIST, dir);
    say("MNIST is complete in " + dir);
    return 0;
  }

  private void say(String line) {
    if (spec != null) {
      var out = spec.commandLine().getOut();
      out.println(line);
      out.flush();
    }
  }
}
