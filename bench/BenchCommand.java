package org.adjoint.bench;

import java.util.concurrent.Callable;
import org.adjoint.bench.cpu.CpuCommand;
import org.adjoint.bench.host.HostCommand;
import org.adjoint.bench.kernels.KernelsCommand;
import org.adjoint.bench.kernels.LadderCommand;
import org.adjoint.bench.report.ReportCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code adjoint bench}: measurements, and what is done with them. */
@Command(
    name = "bench",
    description = "measure, compare measurements, show them",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      CpuCommand.class,
      HostCommand.class,
      KernelsCommand.class,
      LadderCommand.class,
      CompareCommand.class,
      ReadmeCommand.class,
      ReportCommand.class
    })
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "which command? cpu, host, kernels, ladder, compare, readme or report");
  }
}
