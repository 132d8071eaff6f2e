package org.adjoint.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Twenty of the kills that {@code ./adjoint check --all} makes more of. */
class CheckpointKillsTest {
  @Test
  void aKilledProcessLeavesAWholeCheckpoint() {
    CheckpointKills.Outcome outcome = CheckpointKills.run(1, 20, false);

    assertEquals("", outcome.failure());
    assertEquals(20, outcome.kills());
    assertTrue(outcome.saves() >= 20, "only " + outcome.saves() + " checkpoints saved");
  }

  @Test
  void aFileOverwrittenInItsPlaceIsFoundBroken() {
    CheckpointKills.Outcome outcome = CheckpointKills.run(2, 20, true);

    assertFalse(outcome.failure().isEmpty(), "no kill of 20 came at a bad moment");
  }
}
