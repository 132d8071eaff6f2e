package org.adjoint.bench.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How much of the processors others take while one process works: what the kernel counts as busy in
 * {@code /proc/stat}, the time that a hypervisor took away among it, less what that process and
 * this one used. Nothing can be said where there is no such file.
 */
final class Disturbance {
  private static final Path STAT = Path.of("/proc/stat");

  /** Columns of the line: user, nice, system, idle, iowait, irq, softirq, steal. */
  private static final List<Integer> BUSY = List.of(1, 2, 3, 6, 7, 8);

  /** The kernel's unit in that file, USER_HZ. */
  private static final double TICK = 0.01;

  private final ProcessHandle process;
  private final long begin = System.nanoTime();
  private final double others;

  /** Begins to watch while {@code process} works. */
  Disturbance(ProcessHandle process) {
    this.process = process;
    others = others();
  }

  /** The share of all processors that others have taken since, from 0 to 1. */
  double share() {
    double seconds = (System.nanoTime() - begin) * 1e-9;
    double taken = (others() - others) / (seconds * Runtime.getRuntime().availableProcessors());
    return Math.clamp(taken, 0, 1);
  }

  private double others() {
    return busy() - seconds(process) - seconds(ProcessHandle.current());
  }

  private static double seconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() * 1e-9;
  }

  private static double busy() {
    try {
      return Files.isReadable(STAT) ? busy(Files.readAllLines(STAT).get(0)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Seconds of all processors that the first line of that file counts as busy. */
  static double busy(String line) {
    String[] words = line.trim().split(" +");
    double ticks = 0;
    for (int column : BUSY) {
      ticks += column < words.length ? Double.parseDouble(words[column]) : 0;
    }
    return ticks * TICK;
  }
}
