package org.adjoint.samples.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.bench.BenchCommand;
import org.adjoint.samples.cli.Course.Sample;
import org.adjoint.samples.data.FetchCommand;
import org.adjoint.samples.docs.DocsCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code adjoint} command. */
@Command(
    name = "adjoint",
    description = "A tensor and autograd runtime for Java, made to be read.%n",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    versionProvider = Version.class)
public final class Main implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli sets it and acts on it
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "show the version")
  private boolean version;

  private Main() {}

  /** Runs the command line and exits with its status. */
  public static void main(String[] args) {
    System.exit(commandLine(Course.SAMPLES).execute(args));
  }

  /** The whole command line, with these samples to list and to run. */
  static CommandLine commandLine(List<Sample> samples) {
    CommandLine main =
        new CommandLine(new Main())
            .addSubcommand(new ListSamples(samples))
            .addSubcommand(Run.commandLine(samples))
            .addSubcommand(new CheckCommand())
            .addSubcommand(new MutateCommand())
            .addSubcommand(new BenchCommand())
            .addSubcommand(new FetchCommand())
            .addSubcommand(new OnnxCommand())
            .addSubcommand(new Doctor())
            .addSubcommand(new DocsCommand(samples))
            .addSubcommand(byLauncher("gpu-test", "run the tests of the CUDA backend on a GPU"))
            .addSubcommand(byLauncher("gpu-all", "try everything on a GPU, within nine minutes"))
            .addSubcommand(byLauncher("gpu-bench", "measure kernels on a GPU, in nine minutes"))
            .addSubcommand(byLauncher("dist", "make target/dist, for a machine without Java"))
            .addSubcommand(byLauncher("shell", "start jshell with Adjoint imported"))
            .addSubcommand(byLauncher("format", "bring the Java files into the project's format"));
    giveHelp(main);
    return main.setExecutionStrategy(Failures::guard)
        .setParameterExceptionHandler(Failures::misuse)
        .setExecutionExceptionHandler(Failures::failure);
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return 0;
  }

  /** Gives {@code --help} to every command that does not declare it itself. */
  private static void giveHelp(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.findOption("--help") == null) {
      spec.addOption(
          OptionSpec.builder("-h", "--help").usageHelp(true).description("show this help").build());
    }
    command.getSubcommands().values().forEach(Main::giveHelp);
  }

  /** A command that needs another JVM than this one: the launcher takes it before we see it. */
  private static CommandSpec byLauncher(String name, String description) {
    Callable<Integer> apology =
        () -> {
          throw new UserError("only the launcher has this command: ./adjoint " + name);
        };
    CommandSpec spec = CommandSpec.wrapWithoutInspection(apology).name(name);
    spec.usageMessage().description(description);
    return spec;
  }
}
