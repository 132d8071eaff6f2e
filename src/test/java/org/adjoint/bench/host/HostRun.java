package org.adjoint.bench.host;

import org.adjoint.bench.host.HostWork.Session;

/**
 * Runs a host work twice, in a process of its own: its driver would be that of all tests after it.
 */
final class HostRun {
  private HostRun() {}

  /** Prints what the work of that name returns the second time. */
  public static void main(String[] args) {
    try (Session session = HostWork.named(args[0]).orElseThrow().begin().get()) {
      session.run();
      System.out.println("again: " + session.run());
    }
  }
}
