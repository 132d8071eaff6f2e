package org.adjoint.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.adjoint.bench.Contender.Lost;
import org.adjoint.bench.Verdict;
import org.adjoint.bench.cpu.Contest.Fork;
import org.junit.jupiter.api.Test;

class DuelTest {
  private static final Work WORK = Work.ALL.get(0);
  private static final String PRINT = "1 1 1 1 1";

  @Test
  void aClearVerdictEndsIt() throws Lost {
    Bouts bouts = duel(fake("0.0011", PRINT), fake("0.001", PRINT)).run(WORK).orElseThrow();
    assertEquals(3, bouts.bouts().size());
    assertEquals(Verdict.SLOWER, bouts.verdict());
    assertEquals(1.1, bouts.ratio(), 1e-9);
    assertEquals("", bouts.difference());
    assertEquals(9, bouts.own().length);
    assertEquals(0.0011, bouts.own()[5]);
    assertEquals(0.001, bouts.other()[0]);
  }

  @Test
  void theLuckOfJvmsLeavesItUnclear() throws Lost {
    int[] forks = {0};
    Fork lucky =
        () -> FakeContender.start("fake", PRINT, forks[0]++ % 2 == 0 ? "0.001" : "0.0012", -1);
    Bouts bouts = duel(lucky, fake("0.0011", PRINT)).run(WORK).orElseThrow();
    assertEquals(4, bouts.bouts().size());
    assertEquals(Verdict.UNCLEAR, bouts.verdict());
  }

  @Test
  void otherResultsAreTold() throws Lost {
    assertEquals(
        "other results: number 4 is 1.1, not 1.0",
        duel(fake("1", "1 1 1 1 1.1"), fake("1", PRINT)).run(WORK).orElseThrow().difference());
  }

  @Test
  void resultsThatChangeFromJvmToJvmEndIt() {
    int[] forks = {0};
    Fork fickle = () -> fake("1", "1 1 1 1 1.00000" + forks[0]++).start();
    Lost lost = assertThrows(Lost.class, () -> duel(fake("1", PRINT), fickle).run(WORK));
    assertEquals("sgemm-512: the other build finds other bits in another JVM", lost.getMessage());
  }

  @Test
  void fingerprintsTellBitsFromResults() {
    var one = List.of(1.0, 1.0, 1.0, 1.0, 1.0);
    assertEquals("", Fingerprint.change(one, one));
    assertEquals("other bits", Fingerprint.change(one, List.of(1.0, 1.0, 1.0, 1.0, 1.0000001)));
  }

  /** With real workers, whose times nobody can vouch for in so short a time. */
  @Test
  void twoBuildsOfOneSourceFindTheSameBits() throws Lost {
    Bouts bouts = Planted.duel(pace(4)).run(OutcomeTest.work("eager-add-10")).orElseThrow();
    assertEquals("", bouts.difference());
    assertTrue(bouts.ratio() > 0.5 && bouts.ratio() < 5, bouts.ratio() + " times as slow");
  }

  @Test
  void aWorkThatTheOtherBuildLacksIsNoFailure() throws Lost {
    Work cake = new Work("cake", null, 0, "ms", false, Must.time(1), List.of());
    Fork real = () -> CpuCommand.start("real", Jvm.command(Worker.class, List.of(Outcome.ADJOINT)));
    assertEquals(Optional.empty(), duel(fake("1", PRINT), real).run(cake));
  }

  private static Fork fake(String seconds, String print) {
    return () -> FakeContender.start("fake", print, seconds, -1);
  }

  private static Duel duel(Fork own, Fork other) {
    return new Duel(own, other, pace(3));
  }

  private static Duel.Pace pace(int rounds) {
    return new Duel.Pace(2, 4, rounds, 0.01, Duration.ofMillis(20), Duration.ofMillis(200));
  }
}
