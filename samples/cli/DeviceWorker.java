package org.adjoint.samples.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.adjoint.Device;
import org.adjoint.check.DeviceCheck;

/**
 * A process that checks the units that it is told, one a line, and answers each before it reads the
 * next. It ends when the device is lost to it, or when there are no more.
 */
final class DeviceWorker {
  private DeviceWorker() {}

  /** The arguments that make a worker of the same effort. */
  static List<String> arguments(DeviceEffort effort) {
    List<String> seeds = effort.seeds().stream().map(String::valueOf).toList();
    return List.of(effort.device(), String.valueOf(effort.all()), String.join(",", seeds));
  }

  /** A unit as the worker wants it. */
  static String line(DeviceUnit unit) {
    return unit.op() + "\t" + unit.variant();
  }

  /** The process. */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    // Whatever else is printed is for people.
    System.setOut(System.err);
    DeviceEffort effort =
        new DeviceEffort(
            args[0],
            Boolean.parseBoolean(args[1]),
            Arrays.stream(args[2].split(",")).map(Long::valueOf).toList());
    Device device = Devices.open(effort.device());
    DeviceCheck.Effort tried = effort.effort();
    var units = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = units.readLine(); line != null; line = units.readLine()) {
      String[] words = line.split("\t", -1);
      DeviceUnit unit = new DeviceUnit(words[0], words[1]);
      DeviceAnswer answer = check(unit, device, tried, effort);
      answer.write(answers);
      if (answer.lost()) {
        break;
      }
    }
    // What still lies on a lost device cannot be freed; nobody is to try.
    Runtime.getRuntime().halt(0);
  }

  /** Checks one unit in this process. */
  static DeviceAnswer check(
      DeviceUnit unit, Device device, DeviceCheck.Effort tried, DeviceEffort effort) {
    long start = System.nanoTime();
    DeviceCheck.Outcome outcome = DeviceCheck.of(unit.spec(), unit.variant(), device, tried);
    return DeviceAnswer.of(outcome, unit, effort, (System.nanoTime() - start) * 1e-9);
  }
}
