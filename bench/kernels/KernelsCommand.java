package org.adjoint.bench.kernels;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adjoint.bench.ResultFile;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times the kernels of a GPU, or counts what they do on an emulated one. */
@Command(
    name = "kernels",
    description = {
      "check and time every variant of every kernel, at shapes that people use",
      "A variant that is wrong, forward or backward, has no time. * marks what runs by itself."
    })
public final class KernelsCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  @Spec private CommandSpec spec;

  @Mixin private SelectionOptions options = new SelectionOptions();

  @Mixin private Session session = new Session();

  @Option(names = "--json", paramLabel = "FILE", description = "write the results here")
  private @Nullable Path json;

  @Override
  public Integer call() {
    if (json != null) {
      ResultFile.requireWritable(json);
    }
    try {
      Session.Outcome outcome = session.run(options.selection(), spec.commandLine().getOut());
      if (json != null && !outcome.rows().isEmpty()) {
        ResultFile.write(json, outcome.results());
      }
      return outcome.failures().isEmpty() ? 0 : FAILED;
    } catch (UserError e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
