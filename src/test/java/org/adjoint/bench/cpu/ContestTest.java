package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.adjoint.bench.Contender;
import org.adjoint.bench.Contender.Lost;
import org.junit.jupiter.api.Test;

class ContestTest {
  private static final Work WORK = Work.ALL.get(0);
  private static final int NEVER = -1;
  private static final Duration SOON = Duration.ofSeconds(20);

  private final List<String> notes = new ArrayList<>();

  @Test
  void timesStandSideBySideAndWhoFailsIsNamedInOneLine() throws Lost {
    try (Contender twice = FakeContender.start("twice", "1 1 1 1 1", "0.004 0.002 0.002", NEVER);
        Contender wrong = FakeContender.start("wrong", "1 1 1 1 1.1", "0.001", NEVER);
        Contender frail = FakeContender.start("frail", "1 1 1 1 1", "0.001", 4)) {
      Contest contest =
          new Contest(
              () -> FakeContender.start("adjoint", "1 1 1 1 1", "0.001", NEVER),
              List.of(twice, wrong, frail),
              4,
              0.01,
              notes::add);
      Map<String, double[]> times = contest.run(WORK);
      assertEquals(List.of("adjoint", "twice"), List.copyOf(times.keySet()));
      assertArrayEquals(new double[] {0.001, 0.001, 0.001, 0.001}, times.get("adjoint"));
      assertArrayEquals(new double[] {0.002, 0.002, 0.002, 0.002}, times.get("twice"));
      assertEquals(2, notes.size(), notes.toString());
      assertEquals(
          "wrong: sgemm-512: other results than Adjoint's: number 4 is 1.1, not 1.0", notes.get(0));
      assertEquals("frail: ended with status 3: it hurts", notes.get(1));
      assertFalse(frail.isAlive());
    }
  }

  @Test
  void otherBitsInAnotherJvmEndTheWork() {
    int[] forks = {0};
    Contest contest =
        new Contest(
            () -> FakeContender.start("adjoint", "1 1 1 1 1.00000" + forks[0]++, "0.1", NEVER),
            List.of(),
            2,
            0.01,
            notes::add);
    Lost lost = assertThrows(Lost.class, () -> contest.run(WORK));
    assertEquals("adjoint: sgemm-512: other bits in another JVM", lost.getMessage());
  }

  @Test
  void answersAreUnderstoodOrRefused() throws Lost {
    try (Contender fake = FakeContender.start("fake", "1", "0.5 2", NEVER)) {
      assertEquals(Map.of("fake", "1.0"), fake.versions());
      assertEquals(Optional.of(List.of(0.5, 2.0)), fake.ask("run x 1", SOON));
      assertEquals("fake: 'dance': fail unknown", refused(fake, "dance", SOON));
      assertTrue(refused(fake, "babble", SOON).startsWith("fake: 'babble' was answered by no num"));
      assertTrue(fake.isAlive());
    }
  }

  @Test
  void whoIsNotThereOrDoesNotAnswerIsNamed() throws Lost {
    Lost lost =
        assertThrows(
            Lost.class, () -> Contender.start("nobody", List.of("/no/such/program"), Map.of()));
    String message = String.valueOf(lost.getMessage());
    assertTrue(message.startsWith("nobody: cannot be started: "), message);
    assertFalse(message.contains("\n"), message);
    try (Contender slow = FakeContender.start("slow", "1", "1", NEVER)) {
      assertEquals("slow: no answer to 'check x' in 0 s", refused(slow, "check x", Duration.ZERO));
    }
  }

  private static String refused(Contender contender, String line, Duration limit) {
    return String.valueOf(assertThrows(Lost.class, () -> contender.ask(line, limit)).getMessage());
  }
}
