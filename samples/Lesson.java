package org.adjoint.samples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Device;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.bench.Results;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.cli.UserError;
import org.adjoint.samples.common.Pictures;
import org.adjoint.samples.graph.GraphView;

/** What the lessons make of the common options. */
final class Lesson {
  private Lesson() {}

  /**
   * Checks the options before anything is printed.
   *
   * @throws UserError if the device is not available, or the results cannot be written
   */
  static void begin(RunOptions run) {
    Device _ = run.device();
    run.json().ifPresent(ResultFile::requireWritable);
  }

  /**
   * Checks the value of an option.
   *
   * @throws UserError with {@code message} if it is not {@code sensible}
   */
  static void require(boolean sensible, String message) {
    if (!sensible) {
      throw new UserError(message);
    }
  }

  /**
   * Draws a graph where {@code --out} says, and prints the files.
   *
   * @throws UserError if they cannot be written
   */
  static void draw(RunOptions run, String name, GraphView graph) {
    System.out.println("picture");
    try {
      for (Path file : graph.write(run.out(), name)) {
        System.out.println("  " + file);
      }
    } catch (IOException e) {
      throw new UserError("cannot write to " + run.out() + ": " + e, e);
    }
  }

  /** Draws into the folder that {@code --out} names. */
  static Pictures pictures(RunOptions run) {
    return Pictures.in(run.out(), new PrintWriter(System.out, true, System.out.charset()));
  }

  /** One of the figures that a sample is about. */
  static Result figure(String what, double value) {
    return Result.of(what).device(Device.CPU.toString()).value("number", value).build();
  }

  /** Writes the figures of {@code sample} where {@code --json} says. */
  static void end(RunOptions run, String sample, long parameters, Result... figures) {
    run.json()
        .ifPresent(file ->
            ResultFile.write(
                file,
                Results.run(
                        Environment.here(),
                        sample,
                        run.device().toString(),
                        run.seed(),
                        parameters,
                        List.of())
                    .withResults(
                        Stream.of(figures).map(figure -> figure.on(run.device())).toList())));
  }
}
