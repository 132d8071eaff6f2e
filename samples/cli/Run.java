package org.adjoint.samples.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.samples.cli.Course.Sample;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Holds the samples, each a command of its own with its own options. */
@Command(
    name = "run",
    description = "run a sample; adjoint run SAMPLE --help shows its options",
    synopsisSubcommandLabel = "SAMPLE",
    commandListHeading = "%nSamples:%n")
final class Run implements Callable<Integer> {
  @Spec private CommandSpec spec;

  private Run() {}

  static CommandLine commandLine(List<Sample> samples) {
    CommandLine run = new CommandLine(new Run());
    for (Sample sample : samples) {
      run.addSubcommand(sample.command());
    }
    return run;
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "which sample? adjoint samples lists them");
  }
}
