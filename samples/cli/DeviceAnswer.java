package org.adjoint.samples.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.adjoint.DType;
import org.adjoint.check.DeviceCheck;
import org.adjoint.check.Failure;
import org.adjoint.check.Tally;
import org.jspecify.annotations.Nullable;

/**
 * What came out of checking a unit, as one process tells it to another in lines.
 *
 * @param row of the table
 * @param failures the first few, each in one line, and what repeats them
 * @param shapes compared, of those that were drawn
 * @param refused of those that were drawn
 * @param left of those that were drawn, for want of time
 * @param lost whether the process can use the device no more
 */
record DeviceAnswer(
    Result result,
    String row,
    List<String> failures,
    int shapes,
    int refused,
    int left,
    boolean lost) {
  private static final int MOST_LINES = 5;
  private static final String FAILURE = "failure ";
  private static final String DONE = "done ";

  /** How a unit ended. */
  enum Result {
    PASSED,
    FAILED,
    SKIPPED
  }

  /** Of what a check found. */
  static DeviceAnswer of(
      DeviceCheck.Outcome outcome, DeviceUnit unit, DeviceEffort effort, double seconds) {
    Tally tally = outcome.tally();
    if (tally == null) {
      String row = "%-20s SKIP: %s".formatted(outcome.op(), outcome.skipped());
      return new DeviceAnswer(Result.SKIPPED, row, List.of(), 0, 0, 0, false);
    }
    List<Failure> all = tally.failures();
    String row =
        "%-20s %-10s %,11d %6d  %6.3f, %6.3f %6.1f s  %s%s"
            .formatted(
                outcome.op(),
                outcome.variant(),
                tally.compared(),
                outcome.shapes(),
                tally.median(),
                tally.worst(),
                seconds,
                outcome.dtypes().stream().map(DType::name).collect(Collectors.joining(" ")),
                all.isEmpty() ? "" : " FAIL");
    List<String> failures =
        new ArrayList<>(all.stream().limit(MOST_LINES).map(Failure::toString).toList());
    if (all.size() > MOST_LINES) {
      failures.add(
          "%s: %s: and %d more".formatted(outcome.op(), unit.variant(), all.size() - MOST_LINES));
    }
    if (!all.isEmpty()) {
      failures.add("  repeat it by: " + effort.command(unit, outcome.failedAt()));
    }
    return new DeviceAnswer(
        all.isEmpty() ? Result.PASSED : Result.FAILED,
        row,
        failures,
        outcome.shapes(),
        outcome.refused(),
        outcome.left(),
        outcome.lost());
  }

  /** Of a unit whose process said nothing more, or too late. */
  static DeviceAnswer silence(DeviceUnit unit, String why, DeviceEffort effort) {
    return new DeviceAnswer(
        Result.FAILED,
        "%-20s %-10s %s FAIL".formatted(unit.op(), unit.variant(), why),
        List.of(
            "%s: %s: %s".formatted(unit.op(), unit.variant(), why),
            "  repeat it by: " + effort.command(unit, null)),
        0,
        0,
        0,
        true);
  }

  void write(PrintStream to) {
    to.println(row);
    failures.forEach(line -> to.println(FAILURE + line));
    to.println(DONE + result + " " + shapes + " " + refused + " " + left + " " + lost);
    to.flush();
  }

  /** What another process wrote; null if it ended before. */
  static @Nullable DeviceAnswer read(BufferedReader from) throws IOException {
    String row = from.readLine();
    List<String> failures = new ArrayList<>();
    for (String line = from.readLine(); line != null; line = from.readLine()) {
      if (line.startsWith(FAILURE)) {
        failures.add(line.substring(FAILURE.length()));
      } else if (line.startsWith(DONE)) {
        String[] words = line.split(" ");
        return new DeviceAnswer(
            Result.valueOf(words[1]),
            row,
            failures,
            Integer.parseInt(words[2]),
            Integer.parseInt(words[3]),
            Integer.parseInt(words[4]),
            Boolean.parseBoolean(words[5]));
      }
    }
    return null;
  }
}
