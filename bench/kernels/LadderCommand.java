package org.adjoint.bench.kernels;

import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.adjoint.bench.Result;
import org.adjoint.samples.cli.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
  @Spec private CommandSpec spec;

  @Mixin private SelectionOptions options = new SelectionOptions();

  @Mixin private Session session = new Session();

  @Override
  public Integer call() {
    session.requireWritable();
    try {
      Selection selection = options.selection();
      if (selection.families().isEmpty()) {
        throw new UserError("whose ladder? name a family, such as matmul or softmax");
      }
      PrintWriter out = spec.commandLine().getOut();
      Session.Outcome outcome = session.run(selection, new PrintWriter(PrintWriter.nullWriter()));
      for (List<Result> ladder : Ladder.of(outcome.rows())) {
        new Ladder(ladder, Objects.requireNonNull(outcome.ceilings())).print(out);
      }
      outcome.failures().forEach(out::println);
      out.flush();
      return outcome.status();
    } catch (UserError e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
