package org.adjoint.backend.cuda;

import java.util.List;
import org.adjoint.op.OpSpec.Example;

/** Cases of operations whose specs have none that shows how rows or planes are walked. */
final class TrafficCases {
  private TrafficCases() {}

  /** Those of one operation, by its name. */
  static List<Example> of(String op) {
    return switch (op) {
      default -> List.of();
    };
  }
}
