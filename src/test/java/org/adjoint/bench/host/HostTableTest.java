package org.adjoint.bench.host;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.adjoint.bench.Environment;
import org.adjoint.bench.Result;
import org.adjoint.bench.Results;
import org.junit.jupiter.api.Test;

class HostTableTest {
  @Test
  void aMeanAndHowFarItIsToBeTrusted() {
    Result known = Result.of("tape").device("cpu").samples("ns", 900, 1000, 1100).build();
    Result gone = Result.of("gone").device("cpu").samples("ns", 5e6, 5e6).build();
    String table = HostTable.of(List.of(Results.rows(Environment.here(), List.of(known, gone))));
    // Student's t at two degrees of freedom, 4.303, times 100 / √3.
    assertTrue(
        table.contains("| tape | forward and backward of [10] ⊙ [10] | 1.000 ± 0.248 us |"), table);
    assertTrue(table.contains("| gone |  | 5000.000 ± 0.000 us |"), table);
  }
}
