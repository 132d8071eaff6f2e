package org.adjoint.samples.common;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter out = new StringWriter();
  private long now = 1_000;

  @Test
  void aLineNowAndThenAndOneAtTheEnd() {
    Progress progress =
        new Progress("epoch 1", 12_000, "images", new PrintWriter(out), () -> now, false);
    try (progress) {
      for (int i = 0; i < 12; i++) {
        now += 1_000_000_000L;
        progress.step(1000, i < 6 ? 2 : 1);
      }
    }
    progress.close();
    assertEquals(
        """
        epoch 1: 5000/12000, 1,000 images/s, loss 2.0000
        epoch 1: 10000/12000, 1,000 images/s, loss 1.6000
        epoch 1: 12000/12000, 1,000 images/s, loss 1.5000
        """,
        out.toString().replace("\r\n", "\n"));
    assertEquals(1.5, progress.meanLoss());
    assertEquals(12, progress.seconds());
  }

  @Test
  void lossIsTheMeanOverWhatHadOne() {
    try (var progress = new Progress("e", 30, "words", new PrintWriter(out), () -> now, false)) {
      progress.step(10);
      progress.step(15, 1);
      progress.step(5, 3);
    }
    assertEquals("e: 30/30, ? words/s, loss 1.5000", out.toString().strip());
  }

  @Test
  void theMeanLossIsAskedForOnceASecondAndAtTheEnd() {
    StringBuilder asked = new StringBuilder();
    Progress progress = new Progress("e", 60, "words", new PrintWriter(out), () -> now, false);
    try (progress) {
      for (int i = 1; i <= 6; i++) {
        int at = i;
        now += 400_000_000L;
        progress.step(
            10,
            () -> {
              asked.append(at);
              return at;
            });
      }
    }
    assertEquals("146", asked.toString());
    assertEquals("e: 60/60, 25 words/s, loss 6.0000", out.toString().strip());
  }

  @Test
  void nothingDoneHasNoLoss() {
    new Progress("e", 30, "words", new PrintWriter(out), () -> now, false).close();
    assertEquals("e: 0/30, ? words/s", out.toString().strip());
  }
}
