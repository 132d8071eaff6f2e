package org.adjoint.samples.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.samples.cli.Course.Sample;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints number, name and description of each sample. */
@Command(name = "samples", description = "list the samples, in the order of the course")
final class ListSamples implements Callable<Integer> {
  private final List<Sample> samples;

  @Spec private CommandSpec spec;

  ListSamples(List<Sample> samples) {
    this.samples = samples;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int width = samples.stream().mapToInt(sample -> sample.name().length()).max().orElse(1);
    for (Sample sample : samples) {
      out.printf(
          "%02d  %-" + width + "s  %s%n", sample.number(), sample.name(), sample.description());
    }
    return 0;
  }
}
