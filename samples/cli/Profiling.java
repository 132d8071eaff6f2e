package org.adjoint.samples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.adjoint.bench.ResultFile;
import org.adjoint.profile.Profile;
import org.adjoint.profile.TrainingProfile;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** What {@code --profile} asks of any sample: it is profiled from outside, and knows nothing. */
final class Profiling {
  private static final int STEPS = 10;

  private Profiling() {}

  /** Runs a command, and profiles it if it has the option and it was given. */
  static int around(ParseResult parsed, IntSupplier command) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    RunOptions options = options(last.commandSpec()).orElse(null);
    Path file = options == null ? null : options.profile().orElse(null);
    if (options == null || file == null) {
      return command.getAsInt();
    }
    try {
      return profiled(file, options.profileAfter(), command);
    } catch (UserError e) {
      CommandLine line = last.commandSpec().commandLine();
      throw new ExecutionException(line, String.valueOf(e.getMessage()), e);
    }
  }

  private static Optional<RunOptions> options(CommandSpec command) {
    return Stream.concat(Stream.of(command), command.mixins().values().stream())
        .map(CommandSpec::userObject)
        .filter(RunOptions.class::isInstance)
        .map(RunOptions.class::cast)
        .findFirst();
  }

  private static int profiled(Path file, int warmUp, IntSupplier command) {
    ResultFile.requireWritable(file);
    if (warmUp < 1) {
      throw new UserError("--profile-after must be at least 1: the first step is like no other");
    }
    try (TrainingProfile training = TrainingProfile.start(warmUp, STEPS)) {
      int status = command.getAsInt();
      if (status == 0) {
        Profile profile = finished(training);
        profile.write(file);
        training.close(); // else what measures the ceilings would be noted
        System.out.printf("%nprofile of %s", profile.table());
        System.out.println("trace: " + file + ", for https://ui.perfetto.dev or chrome://tracing");
      }
      return status;
    } catch (IOException e) {
      throw new UserError(file + ": the trace cannot be written: " + e.getMessage(), e);
    }
  }

  private static Profile finished(TrainingProfile training) {
    try {
      return training.profile();
    } catch (IllegalStateException e) {
      throw new UserError(e.getMessage() + "; take more, or give a lesser --profile-after", e);
    }
  }
}
