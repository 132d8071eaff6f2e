package org.adjoint.samples.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;

/** The samples, in the order in which a course takes them. */
public final class Course {
  /**
   * One sample: the number of its folder, and the class that runs it, which has a constructor
   * without parameters and a {@code @Command} with its name and a description of one line.
   */
  public record Sample(int number, Class<? extends Callable<Integer>> command) {
    /** The name that {@code adjoint run} takes. */
    public String name() {
      return CommandSpec.forAnnotatedObject(command).name();
    }

    /** What it shows: the first line of its description. */
    public String description() {
      return CommandSpec.forAnnotatedObject(command).usageMessage().description()[0];
    }
  }

  /** A new sample is one line here. */
  public static final List<Sample> SAMPLES = List.of();

  private Course() {}
}
