package org.adjoint.check;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.adjoint.Device;
import org.adjoint.op.OpSpec;

/**
 * What {@code adjoint check} finds of some operations, which need not be in the catalog: their
 * gradients against differences, their references, views and messages, and, on a GPU, every variant
 * at every example against the reference.
 *
 * <pre>{@code
 * Proof.of(device, System.console().writer(), swish.spec(), swishGrad.spec()).require();
 * }</pre>
 *
 * @param failures what does not hold, a line each
 */
public record Proof(List<String> failures) {
  private static final int MOST_LINES = 5;

  /** Checks the operations that {@code specs} describe, and prints the tables of the command. */
  public static Proof of(Device device, PrintWriter out, OpSpec... specs) {
    CheckTable table = new CheckTable(out);
    table.head();
    for (OpSpec spec : specs) {
      table.row(spec, MutationCheck.of(spec), false);
    }
    table.foot();
    List<String> failures = new ArrayList<>(table.failures());
    failures.forEach(out::println);
    if (!device.equals(Device.CPU)) {
      DeviceTable there = new DeviceTable(out);
      there.head();
      for (OpSpec spec : specs) {
        for (DeviceCheck.Outcome outcome : DeviceCheck.of(spec, device)) {
          there.row(outcome);
          if (outcome.tally() != null) {
            outcome.tally().failures().forEach(failure -> failures.add(failure.toString()));
          }
        }
      }
      there.foot(device.toString());
    }
    out.flush();
    return new Proof(List.copyOf(failures));
  }

  /** Whether all holds. */
  public boolean holds() {
    return failures.isEmpty();
  }

  /**
   * Goes on only if all holds.
   *
   * @throws IllegalStateException with the first failures
   */
  public void require() {
    if (!holds()) {
      List<String> first = failures.subList(0, Math.min(MOST_LINES, failures.size()));
      throw new IllegalStateException(
          "check: " + failures.size() + " failures:\n" + String.join("\n", first));
    }
  }
}
