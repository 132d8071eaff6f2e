package org.adjoint.bench.kernels;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adjoint.bench.Ceilings;
import org.adjoint.bench.Result;
import org.adjoint.bench.ResultFile;
import org.adjoint.samples.cli.Devices;
import org.jspecify.annotations.Nullable;

/**
 * A process that times the units whose numbers it is told, one a line, and answers each before it
 * reads the next. It ends when the device is lost to it, or when there are no more.
 */
final class KernelWorker {
  private static final String ROW = "row ";
  private static final String FAILURE = "failure ";
  private static final String DONE = "done ";

  private KernelWorker() {}

  /** What tells a process how to time, and what: see {@link CaseTimer} and {@link Selection}. */
  static List<String> arguments(String device, double seconds, String python, Selection what) {
    List<String> arguments = new ArrayList<>(List.of(device, Double.toString(seconds), python));
    arguments.addAll(what.words());
    return arguments;
  }

  /** The process. */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    // Whatever else is printed is for people.
    System.setOut(System.err);
    SelectionOptions options = SelectionOptions.parse(Arrays.asList(args).subList(3, args.length));
    CaseTimer timer =
        new CaseTimer(args[0], Double.parseDouble(args[1]), args[2], System.err::println);
    List<Unit> units = options.selection().units(Devices.isEmulator(args[0]));
    answers.println(ResultFile.line(timer.ceilings()));
    answers.flush();
    var numbers = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    boolean lost = false;
    for (String line = numbers.readLine(); line != null && !lost; line = numbers.readLine()) {
      Unit.Answer answer = timer.time(units.get(Integer.parseInt(line)));
      write(answer, answers);
      lost = answer.lost();
    }
    // What still lies on a lost device cannot be freed; nobody is to try.
    Runtime.getRuntime().halt(0);
  }

  private static void write(Unit.Answer answer, PrintStream to) {
    for (Unit.Row row : answer.rows()) {
      to.println(ROW + row.at() + " " + ResultFile.line(row.result()));
    }
    answer.failures().forEach(failure -> to.println(FAILURE + failure));
    to.println(DONE + answer.lost());
    to.flush();
  }

  /** The first line of a worker. */
  static @Nullable Ceilings readCeilings(BufferedReader from) throws IOException {
    String line = from.readLine();
    return line == null ? null : ResultFile.ofLine(line, Ceilings.class);
  }

  /** The answer to one number; null if the worker ended before. */
  static Unit.@Nullable Answer read(BufferedReader from) throws IOException {
    List<Unit.Row> rows = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (String line = from.readLine(); line != null; line = from.readLine()) {
      if (line.startsWith(ROW)) {
        String[] parts = line.split(" ", 3);
        rows.add(
            new Unit.Row(Integer.parseInt(parts[1]), ResultFile.ofLine(parts[2], Result.class)));
      } else if (line.startsWith(FAILURE)) {
        failures.add(line.substring(FAILURE.length()));
      } else if (line.startsWith(DONE)) {
        return new Unit.Answer(rows, failures, Boolean.parseBoolean(line.substring(DONE.length())));
      }
    }
    return null;
  }
}
