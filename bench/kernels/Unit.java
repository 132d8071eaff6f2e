package org.adjoint.bench.kernels;

import java.util.List;
import org.adjoint.bench.Result;

/**
 * A variant of an operation, which is checked and timed in one go, in all its cases.
 *
 * @param cases those of the operation
 */
record Unit(String family, String op, String variant, List<KernelCase> cases) {
  /** A row, and the number of the case that it is about. */
  record Row(int at, Result result) {}

  /**
   * What came of a unit.
   *
   * @param failures why a row is missing, in one line each
   * @param lost whether its process can use the device no more
   */
  record Answer(List<Row> rows, List<String> failures, boolean lost) {}

  /** Whether both are of one operation in one family. */
  boolean isOfSameTable(Unit other) {
    return family.equals(other.family) && op.equals(other.op);
  }
}
