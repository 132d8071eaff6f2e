package org.adjoint.bench.kernels;

import java.util.concurrent.Callable;
import org.adjoint.samples.cli.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
  @Spec private CommandSpec spec;

  @Mixin private SelectionOptions options = new SelectionOptions();

  @Mixin private Session session = new Session();

  @Override
  public Integer call() {
    session.requireWritable();
    try {
      return session.run(options.selection(), spec.commandLine().getOut()).status();
    } catch (UserError e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
