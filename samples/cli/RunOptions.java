package org.adjoint.samples.cli;

import static picocli.CommandLine.Spec.Target.MIXEE;

import java.nio.file.Path;
import java.util.Optional;
import org.adjoint.Device;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every sample understands; a sample has it as a {@code @Mixin}. */
public class RunOptions {
  @Spec(MIXEE)
  private CommandSpec sample;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "the same seed gives the same numbers; default ${DEFAULT-VALUE}")
  private long seed;

  @Option(names = "--data", paramLabel = "DIR", description = "where the data sets lie")
  private @Nullable Path data;

  @Option(names = "--json", paramLabel = "FILE", description = "write the measured results here")
  private @Nullable Path json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "where pictures go; default target/samples/NAME")
  private @Nullable Path out;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "write a trace of ten steps here, and print where their time went")
  private @Nullable Path profile;

  @Option(
      names = "--profile-after",
      paramLabel = "N",
      defaultValue = "100",
      description = "steps before those that are profiled; default ${DEFAULT-VALUE}")
  private int profileAfter;

  /** The device to compute on: the CPU, unless the sample has {@link DeviceOptions}. */
  public Device device() {
    return Device.CPU;
  }

  /** What the random numbers of the run start from. */
  public long seed() {
    return seed;
  }

  /** Where the user keeps the data sets, if a place was named. */
  public Optional<Path> data() {
    return Optional.ofNullable(data);
  }

  /** Where to write the results, if they are wanted. */
  public Optional<Path> json() {
    return Optional.ofNullable(json);
  }

  /** Where to write a trace of some steps, if it is wanted. */
  public Optional<Path> profile() {
    return Optional.ofNullable(profile);
  }

  int profileAfter() {
    return profileAfter;
  }

  /** The folder for pictures; it need not exist yet. */
  public Path out() {
    return out != null ? out : home().resolve("target/samples").resolve(sample.name());
  }

  /** The checkout: the launcher names it, since it may be called from anywhere. */
  private static Path home() {
    return Path.of(System.getProperty("adjoint.home", ""));
  }
}
