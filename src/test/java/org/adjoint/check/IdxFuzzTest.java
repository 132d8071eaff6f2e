package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Two seconds of what {@code ./adjoint check --all} does for a minute. */
class IdxFuzzTest {
  @Test
  void damagedFilesAreReadOrRefused() {
    IdxFuzz.Outcome outcome = IdxFuzz.run(1, Duration.ofSeconds(2));

    assertEquals("", outcome.failure());
    assertTrue(outcome.tried() > 100, "only " + outcome.tried() + " files tried");
  }
}
