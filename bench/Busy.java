package org.adjoint.bench;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;

/** A machine that has more to do than to be measured. */
public final class Busy {
  /** Processes that want to run; a machine left alone has far less than one. */
  private static final double LOAD = 1;

  private Busy() {}

  /** Says in a line if this machine is. */
  public static void warn(PrintWriter out) {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load >= LOAD) {
      out.printf("this machine is busy (load %.1f): believe no number of this run%n", load);
    }
  }
}
