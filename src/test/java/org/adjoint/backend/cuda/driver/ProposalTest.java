package org.adjoint.backend.cuda.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProposalTest {
  private static final Proposal FAST = new Proposal(0, 0, 10, false);
  private static final Proposal LARGE = new Proposal(1, 0, 1000, true);
  private static final Proposal BROKEN = new Proposal(2, 3000, 0, true);
  private static final Proposal SURE = new Proposal(3, 0, 100, true);
  private static final Proposal SLOW = new Proposal(4, 0, 0, true);

  private static Proposal choose(long workspace, Proposal... proposals) {
    return Proposal.choose("cudnnGet", List.of(proposals), workspace);
  }

  @Test
  void theFirstThatRepeatsAndFits() {
    assertEquals(SURE, choose(100, FAST, LARGE, BROKEN, SURE, SLOW));
    assertEquals(LARGE, choose(1000, FAST, LARGE, BROKEN, SURE, SLOW));
    assertEquals(SLOW, choose(99, FAST, LARGE, BROKEN, SURE, SLOW));
  }

  @Test
  void ifNoneRepeatsTheFirst() {
    assertEquals(FAST, choose(10, BROKEN, FAST, LARGE));
  }

  @Test
  void noneIsAnError() {
    assertEquals(
        "cudnnGet: no algorithm: cuDNN proposes 2, none of which works with 5 bytes of workspace",
        assertThrows(CudaException.class, () -> choose(5, BROKEN, LARGE)).getMessage());
  }
}
