package org.adjoint.bench.kernels;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.samples.cli.UserError;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows the variants of kernels as the steps of a ladder. */
@Command(
    name = "ladder",
    description = {
      "show the variants of a family from the simplest to the best: what each changed, what it",
      "moves, and how fast it is"
    })
public final class LadderCommand implements Callable<Integer> {
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
      Selection selection = options.selection();
      if (selection.families().isEmpty()) {
        throw new UserError("whose ladder? name a family, such as matmul or softmax");
      }
      PrintWriter out = spec.commandLine().getOut();
      Session.Outcome outcome = session.run(selection, new PrintWriter(PrintWriter.nullWriter()));
      for (List<Result> ladder : Ladder.of(outcome.rows())) {
        new Ladder(ladder, outcome.ceilings()).print(out);
      }
      outcome.failures().forEach(out::println);
      out.flush();
      if (json != null && !outcome.rows().isEmpty()) {
        ResultFile.write(json, outcome.results());
      }
      return outcome.failures().isEmpty() ? 0 : FAILED;
    } catch (UserError e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
