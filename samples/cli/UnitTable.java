package org.adjoint.samples.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The table of {@code adjoint check --device}: a row per variant of each operation, in the order of
 * the units, whichever is done first.
 */
final class UnitTable {
  private final PrintWriter out;
  private final Map<Integer, DeviceAnswer> waiting = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private int next;
  private int passed;
  private int failed;
  private int skipped;
  private long shapes;
  private long refused;
  private long left;

  UnitTable(PrintWriter out) {
    this.out = out;
    out.printf(
        "%-20s %-10s %11s %6s  %14s %8s  %s%n",
        "operation", "variant", "compared", "shapes", "shares", "time", "dtypes");
  }

  /** What came out of unit {@code number}, from 0 on; printed once all before it are. */
  void add(int number, DeviceAnswer answer) {
    waiting.put(number, answer);
    for (DeviceAnswer ready = waiting.remove(next); ready != null; ready = waiting.remove(next)) {
      print(ready);
      next++;
    }
  }

  private void print(DeviceAnswer answer) {
    out.println(answer.row());
    out.flush();
    switch (answer.result()) {
      case PASSED -> passed++;
      case FAILED -> failed++;
      case SKIPPED -> skipped++;
    }
    failures.addAll(answer.failures());
    shapes += answer.shapes();
    refused += answer.refused();
    left += answer.left();
  }

  /** What failed, and how many did, in a line that begins with {@code device}. */
  boolean foot(String device) {
    waiting.values().forEach(this::print);
    failures.forEach(out::println);
    out.printf(
        "shapes drawn: %,d compared, %,d left for want of time, %,d more refused%n",
        shapes, left, refused);
    out.printf("%s: %d passed, %d failed, %d skipped%n", device, passed, failed, skipped);
    out.flush();
    return failed == 0;
  }
}
